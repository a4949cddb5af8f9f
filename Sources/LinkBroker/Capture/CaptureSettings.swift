public import PCIe

/// What a capture keeps, and the words that stand in it.
public struct CaptureSettings: Sendable {
  /// A link as the capture names it.
  public struct Interface: Hashable, Sendable {
    public var name: String
    public var text: String

    public init(name: String, text: String) {
      self.name = name
      self.text = text
    }
  }

  /// One for each link of the fabric, in the order of their numbers.
  public var interfaces: [Interface]
  /// The most bytes kept of each TLP or DLLP with its pseudo-header; zero keeps all.
  public var snapLength: Int
  /// The most bytes that the capture takes in memory; the oldest records give way to newer ones.
  public var bytesMax: Int
  /// A line about the whole capture, empty for none.
  public var text: String
  /// The program that captures.
  public var application: String
  /// What is said of a TLP that a fault has touched, by the number of the rule.
  public var faults: [String] = []
  /// The same where more can be said, as the kind of the TLP is known.
  public var faultsByKind: [TLPKind: [String]] = [:]

  /// The smallest snap length, so that no header is ever cut.
  ///
  /// - Units: bytes: pseudo-header 2, sequence number 2, four prefixes 16, header 16.
  public static let snapLengthMin = 36
  public static let bytesMin = 1 << 16

  /// Settings for links of these names.
  ///
  /// - Units: bytes.
  public init(
    interfaces: [Interface], snapLength: Int = 0, bytesMax: Int = 64 << 20, text: String = "",
    application: String = ""
  ) {
    precondition(snapLength == 0 || snapLength >= Self.snapLengthMin, "a snap length keeps every header")
    precondition(bytesMax >= Self.bytesMin, "a capture has room for the largest TLPs")
    self.interfaces = interfaces
    self.snapLength = snapLength
    self.bytesMax = bytesMax
    self.text = text
    self.application = application
  }
}
