public import PCIe
public import Simulation

/// Something that a checker or a node found to be against the specification.
public struct Finding: Hashable, Sendable {
  public var time: VirtualTime
  public var violation: Violation
  /// The node that noticed.
  public var node: Int
  /// The link it came over, -1 when it belongs to none.
  public var link: Int
  /// The TLP at fault, nil when there is none.
  public var header: TLPHeader?
  /// What is wrong, in the form of an error message.
  public var text: String

  public init(
    time: VirtualTime, violation: Violation, node: Int, link: Int = -1, header: TLPHeader? = nil, text: String
  ) {
    self.time = time
    self.violation = violation
    self.node = node
    self.link = link
    self.header = header
    self.text = text
  }
}
