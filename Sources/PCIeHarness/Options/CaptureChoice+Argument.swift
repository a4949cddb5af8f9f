public import ArgumentParser
public import Runner

extension CaptureChoice: ExpressibleByArgument {}
