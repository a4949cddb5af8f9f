public import PCIe

/// A completion of a read that takes the short way, and where its data are.
public struct QuietCompletion {
  public let header: TLPHeader
  public let byteCount: Int
  public let place: MemoryPlace
}
