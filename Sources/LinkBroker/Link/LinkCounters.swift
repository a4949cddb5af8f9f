public import PCIe

/// What has crossed one direction of a link.
public struct LinkCounters: Sendable {
  private var kinds = InlineArray<18, UInt64>(repeating: 0)
  /// All TLPs.
  public private(set) var tlps: UInt64 = 0
  /// Payload bytes of all TLPs.
  public private(set) var payloadBytes: UInt64 = 0

  /// The TLPs of one kind.
  public subscript(kind: TLPKind) -> UInt64 { kinds[Int(kind.rawValue)] }

  @inline(__always)
  mutating func count(_ kind: TLPKind?, payloadBytes bytes: Int32) {
    if let kind { kinds[Int(kind.rawValue)] &+= 1 }
    tlps &+= 1
    payloadBytes &+= UInt64(UInt32(bitPattern: bytes))
  }
}
