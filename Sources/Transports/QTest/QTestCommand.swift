/// What QEMU's test interface is asked to do in place of a processor: a line each, answered in order.
///
/// - Source: QEMU, `system/qtest.c`.
public enum QTestCommand: Hashable, Sendable {
  /// Reads so many bytes of memory; 1, 2, 4 and 8 aligned ones by one access.
  case load(UInt64, bytes: Int)
  /// Writes bytes to memory; 1, 2, 4 and 8 aligned ones by one access.
  case store(UInt64, [UInt8])
  /// Writes four bytes to an I/O port.
  case output(port: UInt16, UInt32)
  /// Has the changes of a controller's inputs told from now on.
  case interceptInterrupts(of: String)
  /// Lets the virtual clock go on.
  case step(nanoseconds: UInt64)

  /// The line, without its end.
  public var text: String {
    switch self {
    case .load(let address, let count):
      if let width = Self.width(address, count) { return "read\(width) \(Self.hex(address))" }
      return "read \(Self.hex(address)) \(count)"
    case .store(let address, let bytes):
      if let width = Self.width(address, bytes.count) {
        let value = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return "write\(width) \(Self.hex(address)) \(Self.hex(value))"
      }
      return "write \(Self.hex(address)) \(bytes.count) 0x\(Self.digits(bytes))"
    case .output(let port, let value): return "outl \(Self.hex(UInt64(port))) \(Self.hex(UInt64(value)))"
    case .interceptInterrupts(let controller): return "irq_intercept_in \(controller)"
    case .step(let nanoseconds): return "clock_step \(nanoseconds)"
    }
  }

  /// The bytes of an answer; nil for an answer that is none to this command.
  func bytes(of answer: Substring) -> [UInt8]? {
    guard case .load(let address, let count) = self else { return [] }
    guard answer.hasPrefix("0x") else { return nil }
    let digits = answer.dropFirst(2)
    if Self.width(address, count) != nil {
      guard digits.utf8.count <= 16, let value = UInt64(digits, radix: 16),
        count == 8 || value >> UInt64(8 * count) == 0
      else { return nil }
      return (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
    let values = digits.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard values.count == digits.utf8.count, values.count == count * 2 else { return nil }
    return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
  }

  private static func width(_ address: UInt64, _ count: Int) -> Character? {
    guard [1, 2, 4, 8].contains(count), address % UInt64(count) == 0 else { return nil }
    return count == 1 ? "b" : count == 2 ? "w" : count == 4 ? "l" : "q"
  }

  private static func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

  private static func digits(_ bytes: [UInt8]) -> String {
    let table = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      text.append(table[Int(byte >> 4)])
      text.append(table[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
