public import ArgumentParser
public import Runner

extension TimeoutScale: ExpressibleByArgument {
  /// Reads `2` or `1.5`.
  public init?(argument: String) { self.init(argument) }

  /// How help shows the factor that changes nothing.
  public var defaultValueDescription: String { thousandths == 1000 ? "1" : "\(Double(thousandths) / 1000)" }
}
