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
  /// The lower bits of its place in the order of sending.
  fileprivate let place: UInt16
  public var isDownstream: Bool
  public fileprivate(set) var fate: TLPFate
  private var touchedBy: Int16 = -1
}

extension LinkRecord {
  init(_ tlp: FabricTLP, isDownstream: Bool, fate: TLPFate, time: VirtualTime) {
    self.time = time
    header = tlp.header
    payload = UInt16(truncatingIfNeeded: tlp.payload.bytes)
    place = UInt16(truncatingIfNeeded: tlp.sequence)
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

  private var records: ContiguousArray<LinkRecord> = []
  private var appended: UInt64 = 0
  private var unsent: UInt64 = 0

  /// All TLPs that the link carried, kept or not.
  public var total: UInt64 { appended - unsent }

  @inline(__always)
  mutating func append(_ record: LinkRecord) {
    if records.count < Self.depth {
      records.append(record)
    } else {
      records[Int(truncatingIfNeeded: appended) & (Self.depth - 1)] = record
    }
    appended &+= 1
    if record.fate == .unsent { unsent &+= 1 }
  }

  /// Notes at the record of a TLP that it was dropped, unless that record has given way.
  mutating func discard(_ tlp: FabricTLP, isDownstream: Bool) {
    let place = UInt16(truncatingIfNeeded: tlp.sequence)
    for age in 1...UInt64(Self.depth) where age <= records.count {
      let index = Int(truncatingIfNeeded: appended - age) & (Self.depth - 1)
      guard records[index].isDownstream == isDownstream, records[index].place == place,
        records[index].fate != .unsent
      else { continue }
      records[index].fate = .discarded
      return
    }
  }

  /// The kept records, the oldest first.
  public var ordered: [LinkRecord] {
    let start = Int(truncatingIfNeeded: appended) & (Self.depth - 1)
    if records.count < Self.depth { return Array(records) }
    return Array(records[start...] + records[..<start])
  }
}
