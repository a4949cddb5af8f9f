/// QEMU's device edu, so that the firmware has a device that is not ours.
///
/// - Source: QEMU docs/specs/edu.rst.
struct TeachingDevice {
  static let identity: UInt32 = 0x11e8_1234

  let address: FunctionAddress
  /// The wire of its INTA.
  let wire: UInt64

  private static let buffer: UInt64 = 0x40000
  private static let first: UInt64 = 0x8120_0000
  private static let second: UInt64 = 0x8121_0000
  private static let bytes: UInt64 = 1024

  private var base: UInt64 { address.bar(0) }

  func run(_ verdicts: inout Verdicts) {
    address.setCommand(busMaster: true)
    verdicts.check("is edu", address, Machine.load32(base) == 0x0100_00ed)
    Machine.store32(0x1234_5678, to: base + 4)
    verdicts.check("inverts", address, Machine.load32(base + 4) == ~0x1234_5678)
    Machine.store32(5, to: base + 8)
    let isDone = Machine.wait { Machine.load32(base + 0x20) & 1 == 0 }
    verdicts.check("computes", address, isDone && Machine.load32(base + 8) == 120)
    Interrupts.clear()
    raise(4)
    verdicts.check("raises INTA", address, Interrupts.wait(wire: wire))
    acknowledge()
    setUpMSI()
    raise(2)
    verdicts.check("raises MSI", address, Interrupts.wait(vector: 3))
    acknowledge()
    transfer(&verdicts)
  }

  private func raise(_ value: UInt32) { Machine.store32(value, to: base + 0x60) }

  private func acknowledge() {
    Machine.store32(Machine.load32(base + 0x24), to: base + 0x64)
    Interrupts.clear()
  }

  private func setUpMSI() {
    let place = address.capability(0x05)
    address.write32(UInt32(Interrupts.file), at: place + 4)
    address.write32(0, at: place + 8)
    address.write16(UInt16(Interrupts.firstVector + 3), at: place + 12)
    address.write16(1, at: place + 2)
    Interrupts.clear()
  }

  private func transfer(_ verdicts: inout Verdicts) {
    for index in 0..<Self.bytes { Machine.store8(Self.pattern(index), to: Self.first + index) }
    move(from: Self.first, to: Self.buffer, command: 5)
    let hasRead = Interrupts.wait(vector: 3)
    acknowledge()
    move(from: Self.buffer, to: Self.second, command: 7)
    let hasWritten = Interrupts.wait(vector: 3)
    acknowledge()
    var isSame = hasRead && hasWritten
    for index in 0..<Self.bytes where Machine.load8(Self.second + index) != Self.pattern(index) {
      isSame = false
    }
    verdicts.check("moves memory both ways, and interrupts", address, isSame)
  }

  private static func pattern(_ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: index * 7) }

  private func move(from source: UInt64, to target: UInt64, command: UInt64) {
    processor_fence()
    Machine.store64(source, to: base + 0x80)
    Machine.store64(target, to: base + 0x88)
    Machine.store64(Self.bytes, to: base + 0x90)
    Machine.store64(command, to: base + 0x98)
  }
}
