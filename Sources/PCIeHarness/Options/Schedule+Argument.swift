public import ArgumentParser
public import Runner

extension ExplorationPlan.Schedule: ExpressibleByArgument {}
