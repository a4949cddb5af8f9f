import _Volatile

/// The UART of the machine virt, an NS16550A.
enum Console {
  private static var data: VolatileMappedRegister<UInt8> { .init(unsafeBitPattern: 0x1000_0000) }
  private static var status: VolatileMappedRegister<UInt8> { .init(unsafeBitPattern: 0x1000_0005) }

  static func put(_ byte: UInt8) {
    while status.load() & 0x20 == 0 {}
    data.store(byte)
  }

  static func put(_ text: StaticString) {
    for index in 0..<text.utf8CodeUnitCount { put(text.utf8Start[index]) }
  }

  /// A number with that many hexadecimal digits.
  static func put(_ value: UInt64, digits: Int) {
    for digit in (0..<digits).reversed() {
      let nibble = UInt8(truncatingIfNeeded: value >> (4 * UInt64(digit)) & 15)
      put(nibble < 10 ? nibble + 48 : nibble + 87)
    }
  }

  static func put(_ address: FunctionAddress) {
    put(UInt64(address.bus), digits: 2)
    put(":")
    put(UInt64(address.device), digits: 2)
    put(".")
    put(UInt64(address.function), digits: 1)
  }

  static func endLine() { put("\n") }
}
