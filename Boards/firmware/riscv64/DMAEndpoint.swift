/// The device with the registers of Linux' pci_endpoint_test, driven through all it can.
struct DMAEndpoint {
  static let identity: UInt32 = 0xedda_16c3

  let address: FunctionAddress
  /// The wire of its INTA.
  let wire: UInt64

  private enum Register {
    static let command: UInt64 = 0x04
    static let status: UInt64 = 0x08
    static let source: UInt64 = 0x0c
    static let target: UInt64 = 0x14
    static let size: UInt64 = 0x1c
    static let checksum: UInt64 = 0x20
    static let kind: UInt64 = 0x24
    static let number: UInt64 = 0x28
  }

  /// Memory that nothing else uses: RAM above the program.
  private static let first: UInt64 = 0x8100_0000
  private static let second: UInt64 = 0x8110_0003
  private static let bytes: UInt64 = 5000

  private var base: UInt64 { address.bar(0) }

  private func set(_ register: UInt64, _ value: UInt64) {
    Machine.store32(UInt32(truncatingIfNeeded: value), to: base + register)
    if register == Register.source || register == Register.target {
      Machine.store32(UInt32(truncatingIfNeeded: value >> 32), to: base + register + 4)
    }
  }

  private var status: UInt32 { Machine.load32(base + Register.status) }

  func run(_ verdicts: inout Verdicts) {
    address.setCommand(busMaster: true)
    let isThere = address.bar(0) != 0
    verdicts.check("has BAR 0", address, isThere)
    guard isThere else { return }
    set(Register.size, 0x1234_5678)
    let isKept = Machine.load32(base + Register.size) == 0x1234_5678
    verdicts.check("keeps what is written to a register", address, isKept)
    guard setUpMSIX() else { return verdicts.check("has MSI-X", address, false) }
    transfer(&verdicts)
    for vector in UInt64(0)..<2 { interrupt(vector, &verdicts) }
    withoutBusMaster(&verdicts)
    wireInterrupt(&verdicts)
  }

  private func setUpMSIX() -> Bool {
    let place = address.capability(0x11)
    guard place != 0 else { return false }
    let table = address.read32(place + 4)
    let start = address.bar(UInt64(table & 7)) + UInt64(table & ~7)
    let count = UInt64(address.read16(place + 2) & 0x7ff) + 1
    for vector in 0..<min(count, 8) {
      Machine.store32(UInt32(Interrupts.file), to: start + 16 * vector)
      Machine.store32(0, to: start + 16 * vector + 4)
      Machine.store32(UInt32(Interrupts.firstVector + vector), to: start + 16 * vector + 8)
      Machine.store32(0, to: start + 16 * vector + 12)
    }
    address.write16(0x8000, at: place + 2)
    Interrupts.clear()
    return true
  }

  /// Gives a command and waits for the MSI-X of its end; false when that does not come.
  private func perform(_ command: UInt64, vector: UInt64) -> Bool {
    set(Register.kind, 2)
    set(Register.number, vector + 1)
    processor_fence()
    set(Register.command, command)
    let hasCome = Interrupts.wait(vector: vector)
    processor_fence()
    return hasCome
  }

  private func transfer(_ verdicts: inout Verdicts) {
    set(Register.target, Self.first)
    set(Register.size, Self.bytes)
    let isWritten = perform(0x10, vector: 0)
    verdicts.check("writes memory, and interrupts", address, isWritten && status & 0x0c == 0x04)
    let sum = Machine.load32(base + Register.checksum)
    verdicts.check("has written what its checksum says", address, checksum(Self.first, Self.bytes) == sum)
    set(Register.source, Self.first)
    verdicts.check("reads memory, and finds it right", address, perform(0x08, vector: 1) && status & 3 == 1)
    Machine.store8(~Machine.load8(Self.first + 77), to: Self.first + 77)
    verdicts.check("reads memory, and finds it wrong", address, perform(0x08, vector: 1) && status & 3 == 2)
    set(Register.target, Self.second)
    let isCopied = perform(0x20, vector: 0) && status & 0x30 == 0x10
    var isSame = isCopied
    for index in 0..<Self.bytes {
      if Machine.load8(Self.first + index) != Machine.load8(Self.second + index) { isSame = false }
    }
    verdicts.check("copies memory", address, isSame)
  }

  private func interrupt(_ vector: UInt64, _ verdicts: inout Verdicts) {
    verdicts.check("raises MSI-X", address, perform(0x04, vector: vector))
  }

  private func withoutBusMaster(_ verdicts: inout Verdicts) {
    Machine.store8(0x5a, to: Self.second)
    address.setCommand(busMaster: false)
    set(Register.command, 0x20)
    let hasFailed = Machine.wait { status & 0x30 == 0x20 }
    let isUntouched = Machine.load8(Self.second) == 0x5a
    verdicts.check("touches no memory without bus master enable", address, hasFailed && isUntouched)
    address.setCommand(busMaster: true)
    Interrupts.clear()
  }

  private func wireInterrupt(_ verdicts: inout Verdicts) {
    guard address.read8(0x3d) == 1 else { return verdicts.check("has INTA", address, false) }
    address.write16(0, at: address.capability(0x11) + 2)
    set(Register.kind, 0)
    set(Register.command, 0x01)
    verdicts.check("raises INTA", address, Interrupts.wait(wire: wire))
  }

  /// The CRC-32 of Ethernet from all ones, without the inversion at the end.
  private func checksum(_ start: UInt64, _ count: UInt64) -> UInt32 {
    var sum: UInt32 = 0xffff_ffff
    for index in 0..<count {
      sum ^= UInt32(Machine.load8(start + index))
      for _ in 0..<8 { sum = sum & 1 != 0 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
    }
    return sum
  }
}
