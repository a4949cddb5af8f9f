public import PCIe
public import Simulation

/// What became of a TLP in a link's history.
public enum TLPFate: UInt8, Sendable {
  case sent
  /// Sent, and then dropped: by the receiver's checks, by a fault, or because the link went down.
  case discarded
  /// Never sent, as the link was down.
  case unsent
}

/// One TLP that a link carried, or could not carry.
public struct LinkRecord: Sendable {
  /// When its first byte was sent; when it was given up if none was.
  public var time: VirtualTime
  public var header: TLPHeader
  private let payload: UInt16
  public var isDownstream: Bool
  public let fate: TLPFate
  private var touchedBy: Int16 = -1
}

extension LinkRecord {
  init(_ tlp: FabricTLP, isDownstream: Bool, fate: TLPFate, time: VirtualTime) {
    self.time = time
    header = tlp.header
    payload = UInt16(truncatingIfNeeded: tlp.payload.bytes)
    self.isDownstream = isDownstream
    self.fate = fate
    touchedBy = tlp.marks.fault
  }

  /// The length of its payload.
  ///
  /// - Units: bytes.
  public var payloadBytes: Int32 { Int32(payload) }

  /// The fault that touched the TLP on this link, by its place among those armed.
  public var fault: Int? { touchedBy < 0 ? nil : Int(touchedBy) }
}

/// The last TLPs of a link, for the report of a failure.
public struct LinkHistory: Sendable {
  /// How many TLPs are kept.
  public static let depth = 32

  /// All TLPs that the link carried, kept or not.
  public let total: UInt64
  /// The kept records, the oldest first; those of one instant in the order of `parts`.
  public let ordered: [LinkRecord]

  init(_ parts: [[LinkRecord]], total: UInt64) {
    self.total = total
    let all = parts.joined().enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }
    ordered = all.suffix(Self.depth).map(\.element)
  }
}
