public import PCIe

/// Memory of a node, where an access does nothing but move bytes.
///
/// A request for it needs no event where the link is quiet: `Fabric.serveQuietly`. All that the node would do
/// besides is counting.
public protocol NodeMemory: AnyObject {
  /// Where a plain memory request that has come over a link goes; nil when it is not for memory, or when more
  /// than memory takes part.
  func place(of request: TLPHeader, at port: Int, in fabric: borrowing Fabric) -> MemoryPlace?
  /// Takes the data of a write.
  func store(_ bytes: RawSpan, at place: MemoryPlace)
  /// Serves a read: gives its completions with their data, in order.
  func load(_ request: TLPHeader, at place: MemoryPlace, _ complete: (TLPHeader, RawSpan) -> Void)
}

/// Where the bytes of a request stand.
public struct MemoryPlace: Hashable, Sendable {
  /// What the node knows the piece of memory by: the number of a BAR, or of a port.
  public var region: Int
  /// - Units: bytes from the start of the region.
  public var offset: Int
  /// The largest payload of a completion.
  ///
  /// - Units: bytes.
  public var maxPayloadBytes: Int

  public init(region: Int, offset: Int, maxPayloadBytes: Int) {
    self.region = region
    self.offset = offset
    self.maxPayloadBytes = maxPayloadBytes
  }
}

extension FabricNode {
  /// Most nodes are more than memory.
  public var memory: (any NodeMemory)? { nil }
}
