public import PCIe
public import Simulation

/// Memory of a node, where an access does nothing but move bytes.
///
/// A request for it needs no event where the link is quiet: `Fabric.quietLane`. All that the node would do
/// besides is counting.
public protocol NodeMemory: AnyObject {
  /// The memory around a plain memory request that has come over a link; nil when it is not for memory, or
  /// when more than memory takes part.
  ///
  /// What it says stays true until something else is done with the fabric.
  func window(around request: TLPHeader, at port: Int, now: VirtualTime) -> MemoryWindow?
  /// Takes the data of a write.
  func store(_ bytes: RawSpan, at place: MemoryPlace)
  /// Gives the bytes of a read, as many as there is room for.
  func load(from place: MemoryPlace, into bytes: inout MutableRawSpan)
}

/// Addresses behind which memory stands in one piece, and how a read of it is completed.
public struct MemoryWindow: Hashable, Sendable {
  /// The first address.
  public var base: UInt64
  /// How many addresses there are.
  public var byteCount: UInt64
  /// What the node knows the memory by: the number of a BAR, or of a port.
  public var region: Int
  /// Where the first address stands.
  ///
  /// - Units: bytes from the start of the region.
  public var offset: Int
  /// Who completes a read.
  public var completer: FunctionAddress
  /// The largest payload of a completion.
  ///
  /// - Units: bytes.
  public var maxPayloadBytes: Int
  /// The largest write.
  ///
  /// - Units: bytes.
  public var maxWriteBytes: Int
  /// Where completions end that are not the last: at multiples of this.
  ///
  /// - Units: bytes.
  public var boundary: UInt64
  /// Whether a read is cut at the last boundary that a payload reaches even where one payload would do.
  public var isAlwaysCut: Bool

  public init(
    base: UInt64, byteCount: UInt64, region: Int, offset: Int, completer: FunctionAddress,
    maxPayloadBytes: Int, maxWriteBytes: Int = .max, boundary: UInt64, isAlwaysCut: Bool = false
  ) {
    self.base = base
    self.byteCount = byteCount
    self.region = region
    self.offset = offset
    self.completer = completer
    self.maxPayloadBytes = maxPayloadBytes
    self.maxWriteBytes = maxWriteBytes
    self.boundary = boundary
    self.isAlwaysCut = isAlwaysCut
  }

  /// The window that holds nothing.
  static var none: MemoryWindow {
    MemoryWindow(
      base: 0, byteCount: 0, region: 0, offset: 0, completer: FunctionAddress(rawValue: 0),
      maxPayloadBytes: 0, boundary: 1)
  }

  /// Whether all of a range lies inside.
  @inline(__always)
  func holds(_ address: UInt64, _ count: Int) -> Bool {
    let start = address &- base
    return start < byteCount && UInt64(truncatingIfNeeded: count) <= byteCount &- start
  }

  /// Where an address inside stands in the region.
  @inline(__always)
  func place(of address: UInt64) -> Int { offset &+ Int(truncatingIfNeeded: address &- base) }

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
