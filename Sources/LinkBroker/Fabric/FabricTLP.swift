public import PCIe
import Simulation

/// A TLP on its way: header, where its payload stands, and what the fabric keeps about it.
public struct FabricTLP: Sendable {
  public var header: TLPHeader
  public var payload: PayloadReference
  /// What the header says it is, decoded when the TLP is sent; nil where Fmt and Type name nothing.
  public internal(set) var kind: TLPKind?
  var flowControlClass = FlowControlClass.posted
  /// The MSI-X vector whose interrupt it carries, -1 for none.
  public var interrupt: Int16 = -1
  /// The direction whose receive buffer it still occupies, -1 when none.
  var heldDirection: Int32 = -1
  /// The epoch of that direction, whose credits start anew when its link has been down.
  var heldEpoch: UInt32 = 0
  /// What faults have put on it.
  var marks = FaultMarks()
  /// The flow control class of the credits that it holds there.
  var heldClass = FlowControlClass.posted
  /// The order of sending on its present link direction.
  var sequence: UInt64 = 0
  /// The posted requests sent before it on that direction.
  var postedBefore: UInt64 = 0
  /// When it reaches the receiver of the direction that it is on.
  var arrival = VirtualTime.never

  /// Makes a TLP that has not been sent.
  public init(header: TLPHeader, payload: PayloadReference = .none) {
    self.header = header
    self.payload = payload
  }

  /// Decodes the header for the link it is sent on.
  @inline(__always)
  mutating func classify() {
    kind = header.kind
    flowControlClass = kind?.flowControlClass ?? .posted
  }

  /// Whether the digest does not belong to header and payload.
  ///
  /// The ultimate receiver drops such a TLP where it checks digests.
  /// - Source: PCI Express Base 5.0, 2.7.1 "ECRC Rules".
  public var hasBadDigest: Bool { header.hasDigest && marks.hasBadDigest }

  /// Says of the digest that came from outside whether it belongs to header and payload.
  public mutating func setDigest(isRight: Bool) { marks.hasBadDigest = !isRight }

  /// The data credits that it takes.
  var dataCredits: Int32 { CreditPool.data(payloadBytes: Int(payload.bytes)) }

  /// Header, payload and digest bytes as they stand on the link.
  @inline(__always)
  var wireBytes: Int {
    header.headerBytes + Int(payload.bytes) + (header.hasDigest ? 4 : 0)
      + (header.prefixes.isEmpty ? 0 : header.prefixes.count * 4)
  }
}
