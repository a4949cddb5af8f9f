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
  /// The receive buffer that it still occupies.
  var held = HeldBuffer()
  /// What faults have put on it.
  var marks = FaultMarks()
  /// What has become of it on its present link direction.
  var fate = TLPFate.sent
  /// The order of sending on its present link direction.
  var sequence: UInt64 = 0
  /// The posted requests sent before it on that direction.
  var postedBefore: UInt64 = 0
  /// When its first byte leaves on the direction that it is on, and when it reaches the receiver.
  var departure = VirtualTime.never
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

/// The receive buffer that a TLP occupies on its way through a switch.
struct HeldBuffer: Sendable {
  /// The direction that the buffer is at the end of, -1 for none.
  var direction: Int32 = -1
  /// The epoch of that direction, whose credits start anew when its link has been down.
  var epoch: UInt32 = 0
  /// The flow control class of the credits.
  var flowControlClass = FlowControlClass.posted
}
