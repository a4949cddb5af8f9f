/// A violation that a protocol checker saw.
public struct Finding: Hashable, Sendable {
  /// The name of the violation as suites spell it, such as `unexpected-completion`.
  public var violation: String
  /// The link or node it was seen at.
  public var place: String
  /// One line that says what was wrong.
  public var text: String
  /// Whether the case says that it means to provoke it.
  public var allowed: Bool

  /// Makes a finding.
  public init(violation: String, place: String, text: String, allowed: Bool) {
    self.violation = violation
    self.place = place
    self.text = text
    self.allowed = allowed
  }
}

/// A line that a node printed on its console.
public struct ConsoleLine: Hashable, Sendable {
  /// The node.
  public var node: String
  /// The line without its end; bytes that are no text are replaced.
  public var text: String
  /// The bytes that were printed between the line before and this one and are not told.
  public var omittedBytes: UInt64

  /// Makes a line.
  public init(node: String, text: String, omittedBytes: UInt64 = 0) {
    self.node = node
    self.text = text
    self.omittedBytes = omittedBytes
  }
}
