/// Interrupts as the machine has them with aia=aplic-imsic: a write to the hart's interrupt file is an
/// interrupt, which is what MSI and MSI-X are; the wires of INTx come through a controller that turns each
/// into such a write.
///
/// - Source: RISC-V Advanced Interrupt Architecture 1.0, 3.8 "Indirectly accessed interrupt-file registers"
///   and 4.5 "Memory-mapped control region for an interrupt domain".
enum Interrupts {
  /// The page of the hart's interrupt file at machine level: the address of MSI and MSI-X.
  static let file: UInt64 = 0x2400_0000
  private static let controller: UInt64 = 0x0c00_0000
  /// The controller's number of INTA at the first device.
  private static let firstWire: UInt64 = 32
  /// The identities of vectors, below those of wires.
  static let firstVector: UInt64 = 8

  static func start() {
    interrupt_file_write(0x70, 1)  // eidelivery
    interrupt_file_write(0x72, 0)  // eithreshold: all
    interrupt_file_write(0xc0, 0xff_ffff_ff00)  // eie0: identities 8 to 39
    Machine.store32(UInt32(file >> 12), to: controller + 0x1bc0)  // mmsiaddrcfg
    Machine.store32(0, to: controller + 0x1bc4)
    for wire in firstWire..<firstWire + 4 {
      Machine.store32(6, to: controller + 4 * wire)  // sourcecfg: level, high
      Machine.store32(UInt32(wire), to: controller + 0x3000 + 4 * wire)  // target: this hart, identity
      Machine.store32(UInt32(wire), to: controller + 0x1edc)  // setienum
    }
    Machine.store32(0x104, to: controller)  // domaincfg: enabled, as messages
  }

  /// Forgets what has come.
  static func clear() { while interrupt_file_claim() != 0 {} }

  /// Waits for one interrupt, which must be that of a vector.
  static func wait(vector: UInt64) -> Bool { wait(identity: firstVector + vector) }

  /// Waits for one interrupt, which must be that of a wire, 0 to 3.
  static func wait(wire: UInt64) -> Bool { wait(identity: firstWire + wire) }

  private static func wait(identity: UInt64) -> Bool {
    var claimed: UInt64 = 0
    let hasCome = Machine.wait {
      claimed = interrupt_file_claim()
      return claimed != 0
    }
    return hasCome && claimed == identity
  }
}
