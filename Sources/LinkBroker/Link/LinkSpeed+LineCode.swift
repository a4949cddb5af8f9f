public import PCIe

extension LinkSpeed {
  /// The share of the raw bits that carries packet bytes, as sent and payload parts of the line code.
  ///
  /// Flit mode sends 256 bytes for every 236 bytes of TLPs: the rest is DLLP, CRC and FEC bytes.
  /// - Source: PCI Express Base 5.0, 4.2.1 (8b/10b) and 4.2.2 (128b/130b); 6.0, 4.2.3 (flit mode).
  public var lineCode: (sent: UInt64, carried: UInt64) {
    switch self {
    case .gt2Point5, .gt5: (10, 8)
    case .gt8, .gt16, .gt32: (130, 128)
    case .gt64: (256, 236)
    }
  }

  /// What the physical and data link layers add to each TLP.
  ///
  /// - Units: bytes. 8b/10b: STP 1, sequence 2, LCRC 4, END 1. 128b/130b: STP token 4, LCRC 4. Flit mode:
  ///   none.
  /// - Source: PCI Express Base 5.0, 3.6.2.1, 4.2.1.2 and 4.2.2.3.1; 6.0, 4.2.3.
  public var framingBytes: Int { self == .gt64 ? 0 : 8 }
}
