/// A ring of a software context as its driver keeps it.
public struct AMUDriverRing: Hashable, Sendable {
  /// Where the ring stands in host memory.
  public let base: UInt64
  public let log2Size: Int
  /// - Units: bytes.
  public let messageBytes: Int
  /// The index that software moves.
  public var index: UInt64 = 0

  public init(base: UInt64, log2Size: Int, messageBytes: Int) {
    self.base = base
    self.log2Size = log2Size
    self.messageBytes = messageBytes
  }

  /// The slots.
  public var size: UInt64 { 1 << UInt64(log2Size) }

  /// Puts messages into host memory without telling the unit; there must be room.
  ///
  /// - Parameter message: gives the bytes of each one.
  public mutating func put(_ count: Int, to root: RootComplex, _ message: (Int) -> [UInt8]) {
    for number in 0..<count {
      root.setMemory(message(number), at: place)
      index &+= 1
    }
  }

  /// Takes messages that have come out of host memory, one behind the other.
  public mutating func take(_ count: Int, from root: RootComplex) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * messageBytes)
    for _ in 0..<count {
      bytes += root.core.memory.bytes[place..<place + messageBytes]
      index &+= 1
    }
    return bytes
  }

  private var place: Int { Int(base) + Int(index & (size - 1)) * messageBytes }
}
