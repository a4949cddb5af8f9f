public import PCIe
public import Simulation

/// Memory of a node, where an access does nothing but move bytes.
///
/// A request for it needs no event where the link is quiet: `Fabric.quietLane`. All that the node would do
/// besides is counting.
public protocol NodeMemory: AnyObject {
  /// Where a plain memory request that has come over a link goes; nil when it is not for memory, or when more
  /// than memory takes part.
  func place(of request: TLPHeader, at port: Int, now: VirtualTime) -> MemoryPlace?
  /// Takes the data of a write.
  func store(_ bytes: RawSpan, at place: MemoryPlace)
  /// Lends the bytes of a read.
  func load(_ count: Int, at place: MemoryPlace, _ body: (RawSpan) -> Void)
}

/// Where the bytes of a request stand, and how a read of them is completed.
public struct MemoryPlace: Hashable, Sendable {
  /// What the node knows the piece of memory by: the number of a BAR, or of a port.
  public var region: Int
  /// - Units: bytes from the start of the region.
  public var offset: Int
  /// Who completes a read.
  public var completer: FunctionAddress
  /// The largest payload of a completion.
  ///
  /// - Units: bytes.
  public var maxPayloadBytes: Int
  /// Where completions end that are not the last: at multiples of this.
  ///
  /// - Units: bytes.
  public var boundary: UInt64
  /// Whether a read is cut at the last boundary that a payload reaches even where one payload would do.
  public var isAlwaysCut: Bool

  public init(
    region: Int, offset: Int, completer: FunctionAddress, maxPayloadBytes: Int, boundary: UInt64,
    isAlwaysCut: Bool = false
  ) {
    self.region = region
    self.offset = offset
    self.completer = completer
    self.maxPayloadBytes = maxPayloadBytes
    self.boundary = boundary
    self.isAlwaysCut = isAlwaysCut
  }

  /// How many completions a read of some bytes has.
  @inline(__always)
  func pieceCount(_ address: UInt64, _ count: Int) -> Int {
    let left = count - pieceBytes(address, count)
    return left == 0 ? 1 : 1 + (left + maxPayloadBytes - 1) / maxPayloadBytes
  }

  /// The bytes of the next completion.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.1.1 "Data Return for Read Requests".
  @inline(__always)
  func pieceBytes(_ address: UInt64, _ remaining: Int) -> Int {
    if remaining <= maxPayloadBytes, !isAlwaysCut { return remaining }
    let end = (address &+ UInt64(truncatingIfNeeded: maxPayloadBytes)) & ~(boundary &- 1)
    return min(remaining, Int(truncatingIfNeeded: end &- address))
  }
}

extension FabricNode {
  /// Most nodes are more than memory.
  public var memory: (any NodeMemory)? { nil }
}
