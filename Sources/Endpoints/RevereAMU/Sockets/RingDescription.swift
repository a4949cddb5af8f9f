import PCIe

/// An entry of a type B table: a ring in host memory.
///
/// - Layout: 32 bytes; 0 base, aligned to 8; 8 bits 4:0 LOG2_SIZE, 12:9 THRESHOLD, 13 RX_MODE, 63 valid;
///   the rest is reserved. The table of management has the four sockets in the order of the registers, that
///   of a context TX sockets 0 to 63, then RX sockets 0 to 63. A choice of this model.
public struct RingDescription: Hashable, Sendable {
  public var base: UInt64
  public var log2Size: Int
  public var threshold: Int
  public var overwrites: Bool
  /// A socket without a valid entry has no ring.
  public var isValid: Bool

  public static let byteCount = 32
  /// The table of a context, which is aligned to its size.
  public static let tableBytes = 128 * byteCount
  static let managementBytes = 4 * byteCount

  /// A valid entry.
  public init(base: UInt64, log2Size: Int, threshold: Int = 0, overwrites: Bool = false) {
    self.base = base
    self.log2Size = log2Size
    self.threshold = threshold
    self.overwrites = overwrites
    isValid = true
  }

  /// Reads an entry of a table.
  public init(_ table: [UInt8], entry: Int) {
    base = table.loadLE(at: entry * Self.byteCount)
    let control: UInt64 = table.loadLE(at: entry * Self.byteCount + 8)
    log2Size = Int(control & 31)
    threshold = Int(control >> 9 & 15)
    overwrites = control >> 13 & 1 == 1
    isValid = control >> 63 == 1
  }

  /// The entry as it stands in host memory.
  public var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.byteCount)
    bytes.storeLE(base, at: 0)
    let control = UInt64(log2Size) | UInt64(threshold) << 9 | (overwrites ? 1 << 13 : 0)
    bytes.storeLE(control | (isValid ? 1 << 63 : 0), at: 8)
    return bytes
  }

  /// Whether a unit can take the entry.
  var isSound: Bool { !isValid || log2Size <= AMUSizes.ringLog2Max && base & 7 == 0 }
}

extension SocketRing {
  /// Becomes what a table says; the indexes stay.
  mutating func become(_ description: RingDescription) {
    base = description.base
    log2Size = UInt8(description.log2Size)
    threshold = UInt8(description.threshold)
    overwrites = description.overwrites
    isConfigured = description.isValid
  }
}
