/// The runs of neighbouring bytes that a write's byte enables select, as offsets into its payload.
///
/// - Source: PCI Express Base 5.0, 2.2.5 "First/Last DW Byte Enables Rules".
public struct ByteRuns: Sequence, IteratorProtocol, Sendable {
  private let first: UInt8
  private let last: UInt8
  private let bytes: Int
  private var position = 0

  /// The runs of a memory, I/O or configuration request.
  public init(_ request: TLPHeader) {
    first = request.firstByteEnable
    last = request.lastByteEnable
    bytes = request.lengthDW * 4
  }

  private func isEnabled(_ offset: Int) -> Bool {
    if offset < 4 { return first >> UInt8(offset) & 1 == 1 }
    return offset < bytes - 4 || last >> UInt8(offset & 3) & 1 == 1
  }

  /// The next run as offsets into the payload, nil at the end.
  public mutating func next() -> Range<Int>? {
    while position < bytes, !isEnabled(position) { position += 1 }
    guard position < bytes else { return nil }
    let start = position
    while position < bytes, isEnabled(position) {
      // All bytes between the first and the last DW are enabled.
      position = position == 4 && bytes > 8 ? bytes - 4 : position + 1
    }
    return start..<position
  }
}
