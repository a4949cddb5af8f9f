/// A field of a management message.
///
/// - Layout: `lsb` counts from the little-endian word at `byteOffset`; a width of 0 means the rest of the
///   message.
public struct InterfaceField: Hashable, Sendable {
  public let name: String
  public let byteOffset: Int
  public let lsb: Int
  public let width: Int

  init(_ name: String, _ byteOffset: Int, _ lsb: Int, _ width: Int) {
    self.name = name
    self.byteOffset = byteOffset
    self.lsb = lsb
    self.width = width
  }

  /// The largest value that the field holds.
  public var valueMax: UInt64 { width == 0 || width == 64 ? .max : 1 << UInt64(width) - 1 }

  /// The value in a message of 64 bytes; of the rest of a message its first doubleword.
  public func value(in message: [UInt8]) -> UInt64 { word(in: message) >> UInt64(lsb) & valueMax }

  /// Puts a value into a message of 64 bytes; bits that the field does not have are cut off.
  public func set(_ value: UInt64, in message: inout [UInt8]) {
    let mask = valueMax << UInt64(lsb)
    let word = word(in: message) & ~mask | value << UInt64(lsb) & mask
    for index in 0..<8 where byteOffset + index < message.count {
      message[byteOffset + index] = UInt8(truncatingIfNeeded: word >> UInt64(index * 8))
    }
  }

  private func word(in message: [UInt8]) -> UInt64 {
    var word: UInt64 = 0
    for index in 0..<8 where byteOffset + index < message.count {
      word |= UInt64(message[byteOffset + index]) << UInt64(index * 8)
    }
    return word
  }
}

/// The two fields that every message begins with.
extension InterfaceField {
  public static let opcode = InterfaceField("OPCODE", 0, 0, 16)
  /// In responses.
  public static let status = InterfaceField("STATUS", 0, 16, 16)
  /// The session that a trace record is of.
  public static let traceSession = InterfaceField("ASN_ID", 4, 0, 32)
}
