public import PCIe
public import Simulation

/// What became of a TLP in a link's history.
public enum TLPFate: UInt8, Sendable {
  case sent
  /// Dropped by the receiver's checks or because the link was down.
  case discarded
}

/// One TLP that a link carried.
public struct LinkRecord: Sendable {
  /// When its first byte was sent.
  public var time: VirtualTime
  public var header: TLPHeader
  public var payloadBytes: Int32
  public var isDownstream: Bool
  public var fate: TLPFate
  private var touchedBy: Int16 = -1
}

extension LinkRecord {
  init(_ tlp: FabricTLP, isDownstream: Bool, fate: TLPFate, time: VirtualTime) {
    self.time = time
    header = tlp.header
    payloadBytes = tlp.payload.bytes
    self.isDownstream = isDownstream
    self.fate = fate
    touchedBy = tlp.marks.fault
  }

  /// The fault that touched the TLP on this link, by its place among those armed.
  public var fault: Int? { touchedBy < 0 ? nil : Int(touchedBy) }
}

/// The last TLPs of a link, for the report of a failure.
public struct LinkHistory: Sendable {
  /// How many TLPs are kept.
  public static let depth = 32

  private var records: ContiguousArray<LinkRecord> = []
  /// All TLPs the link carried, kept or not.
  public private(set) var total: UInt64 = 0

  @inline(__always)
  mutating func append(_ record: LinkRecord) {
    if records.count < Self.depth {
      records.append(record)
    } else {
      records[Int(truncatingIfNeeded: total) & (Self.depth - 1)] = record
    }
    total &+= 1
  }

  /// The kept records, the oldest first.
  public var ordered: [LinkRecord] {
    let start = Int(truncatingIfNeeded: total) & (Self.depth - 1)
    if records.count < Self.depth { return Array(records) }
    return Array(records[start...] + records[..<start])
  }
}
