/// What the JUnit report holds beside the events.
public struct JUnitOptions: Hashable, Sendable {
  /// When the run began, in ISO 8601.
  public var timestamp: String
  /// The name of this machine.
  public var hostname: String
  /// The architecture of this machine, for suites whose boards name none.
  public var architecture: String
  /// Whether failed tries are told too, in the elements of surefire; Twister must not see them.
  public var tellsTries: Bool
  /// Whether failing cases name their captures, for Jenkins and GitLab; Twister must not see them.
  public var namesAttachments: Bool
  /// Whether each test that a program told of on its console has an element of its own.
  public var tellsTests: Bool
  /// The folder that the names of attachments begin with.
  public var attachmentBase: String?
  /// The folder of the run, to which the captures are relative.
  public var outputDirectory: String?

  /// Makes options; the dialect that every reader understands when nothing else is said.
  public init(
    timestamp: String, hostname: String, architecture: String, tellsTries: Bool = false,
    namesAttachments: Bool = false, tellsTests: Bool = false, attachmentBase: String? = nil,
    outputDirectory: String? = nil
  ) {
    self.timestamp = timestamp
    self.hostname = hostname
    self.architecture = architecture
    self.tellsTries = tellsTries
    self.namesAttachments = namesAttachments
    self.tellsTests = tellsTests
    self.attachmentBase = attachmentBase
    self.outputDirectory = outputDirectory
  }
}
