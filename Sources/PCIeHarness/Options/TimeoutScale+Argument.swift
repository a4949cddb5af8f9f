public import ArgumentParser
public import Runner

extension TimeoutScale: ExpressibleByArgument {
  /// Reads `2` or `1.5`.
  public init?(argument: String) { self.init(argument) }
}
