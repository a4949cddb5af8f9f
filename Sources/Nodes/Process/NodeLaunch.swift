/// The program of a node with all that it is started with.
public struct NodeLaunch: Sendable {
  /// The path of the program.
  public var path: String
  /// The arguments, without the name of the program.
  public var arguments: [String]
  /// Variables that are added to the environment, or take the place of others there.
  public var environment: [(name: String, value: String)]

  /// Makes a launch.
  public init(_ path: String, arguments: [String] = [], environment: [(name: String, value: String)] = []) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
  }
}
