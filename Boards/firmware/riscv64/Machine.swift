import _Volatile

/// Accesses to what is not memory of the program, and the end of the machine.
enum Machine {
  static func load8(_ address: UInt64) -> UInt8 {
    VolatileMappedRegister(unsafeBitPattern: UInt(address)).load()
  }
  static func load16(_ address: UInt64) -> UInt16 {
    VolatileMappedRegister(unsafeBitPattern: UInt(address)).load()
  }
  static func load32(_ address: UInt64) -> UInt32 {
    VolatileMappedRegister(unsafeBitPattern: UInt(address)).load()
  }
  static func store8(_ value: UInt8, to address: UInt64) {
    VolatileMappedRegister<UInt8>(unsafeBitPattern: UInt(address)).store(value)
  }
  static func store16(_ value: UInt16, to address: UInt64) {
    VolatileMappedRegister<UInt16>(unsafeBitPattern: UInt(address)).store(value)
  }
  static func store32(_ value: UInt32, to address: UInt64) {
    VolatileMappedRegister<UInt32>(unsafeBitPattern: UInt(address)).store(value)
  }
  static func store64(_ value: UInt64, to address: UInt64) {
    VolatileMappedRegister<UInt64>(unsafeBitPattern: UInt(address)).store(value)
  }

  /// Waits for something to become true, for a second at most; false when it does not.
  static func wait(_ condition: () -> Bool) -> Bool {
    let end = processor_time() + 10_000_000
    while !condition() {
      if processor_time() > end { return condition() }
    }
    return true
  }

  /// Ends QEMU with a status, by the device that is there for tests.
  static func powerOff(status: UInt32) -> Never {
    store32(status == 0 ? 0x5555 : status << 16 | 0x3333, to: 0x10_0000)
    while true {}
  }
}
