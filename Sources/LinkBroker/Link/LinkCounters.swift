public import PCIe

/// What has crossed one direction of a link.
public struct LinkCounters: Sendable {
  private var kinds = InlineArray<18, UInt64>(repeating: 0)
  /// All TLPs.
  public private(set) var tlps: UInt64 = 0
  /// Payload bytes of all TLPs.
  public private(set) var payloadBytes: UInt64 = 0

  /// Acks and Naks sent on this direction, for TLPs of the other one.
  public internal(set) var acks: UInt64 = 0
  public internal(set) var naks: UInt64 = 0
  /// TLPs sent again on this direction, and how often that was begun.
  public internal(set) var replayedTLPs: UInt64 = 0
  public internal(set) var replays: UInt64 = 0
  /// UpdateFC DLLPs sent on this direction.
  public internal(set) var updates: UInt64 = 0
  /// TLPs and DLLPs of this direction that their receiver found bad.
  public internal(set) var badTLPs: UInt64 = 0
  public internal(set) var badDLLPs: UInt64 = 0
  /// How often the transmitter of this direction had the link trained anew.
  public internal(set) var retrains: UInt64 = 0

  /// The TLPs of one kind.
  public subscript(kind: TLPKind) -> UInt64 { kinds[Int(kind.rawValue)] }

  @inline(__always)
  mutating func count(_ kind: TLPKind?, payloadBytes bytes: Int32) {
    if let kind { kinds[Int(kind.rawValue)] &+= 1 }
    tlps &+= 1
    payloadBytes &+= UInt64(UInt32(bitPattern: bytes))
  }

  /// Takes back what was counted too early.
  mutating func uncount(_ kind: TLPKind?, payloadBytes bytes: Int32) {
    if let kind { kinds[Int(kind.rawValue)] &-= 1 }
    tlps &-= 1
    payloadBytes &-= UInt64(UInt32(bitPattern: bytes))
  }
}
