public import ArgumentParser
public import Reports

extension ColorChoice: ExpressibleByArgument {}
