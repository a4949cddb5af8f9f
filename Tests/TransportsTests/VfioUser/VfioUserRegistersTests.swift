import PCIe
import Testing

@testable import Transports

/// What the host's side believes of a device, while a guest writes whatever it likes.
@Suite struct VfioUserRegistersTests {
  /// BAR2 of 8 KiB, MSI with 8 vectors, MSI-X in BAR2, an endpoint with function-level reset.
  private static func space(tableBar: UInt8 = 2) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: ConfigurationSpace.byteCount)
    bytes.storeLE(UInt16(1 << 4), at: HeaderRegister.status)
    bytes[HeaderRegister.capabilitiesPointer] = 0x50
    bytes.storeLE(0x0086_7005 as UInt32, at: 0x50)
    bytes.storeLE(0x0007_9011 as UInt32, at: 0x70)
    bytes.storeLE(UInt32(tableBar) | 0x800, at: 0x74)
    bytes.storeLE(UInt32(tableBar) | 0x1000, at: 0x78)
    bytes.storeLE(0x0002_0010 as UInt32, at: 0x90)
    bytes.storeLE(0x1000_8001 as UInt32, at: 0x94)
    return bytes
  }

  private static func registers() -> VfioUserRegisters {
    var registers = VfioUserRegisters(space(), masks: [0, 0, 0xffff_e000, 0, 0, 0, 0])
    _ = registers.write(HeaderRegister.bar(2), [0, 0, 0, 0xe0])
    return registers
  }

  @Test(arguments: [0x70, 0x74, 0x78]) func theTableOfMSIXStaysWhereItIs(register: Int) {
    var registers = Self.registers()
    #expect(registers.interruptTable == 0xe000_0800)
    _ = registers.write(register, [0xff, 0xff, 0xff, 0xff])
    #expect(registers.interruptTable == 0xe000_0800)
    #expect(registers.bytes[0x72] == 0x07)
  }

  @Test func aResetIsSeenThoughItsCapabilityWasWritten() {
    var registers = Self.registers()
    let resets = [registers.write(0x94, [0, 0, 0, 0]), registers.write(0x98, [0x10, 0xa8])]
    #expect(resets == [false, true])
  }

  @Test func aFunctionHasNoMoreMessagesThanItsCapabilitySays() {
    var registers = Self.registers()
    _ = registers.write(0x52, [0xff, 0xff])
    _ = registers.write(0x54, [0, 0, 0xe0, 0xfe])
    #expect(registers.msiVector(address: 0xfee0_0000, data: 7) == 7)
    #expect(registers.msiVector(address: 0xfee0_0000, data: 8) == nil)
    #expect(registers.bytes[0x52] == 0xf7)
  }

  @Test(arguments: [UInt8(0), 5, 6, 7]) func aTableInNoBarIsRefused(bar: UInt8) throws {
    var probe = VfioUserProbe()
    while let step = probe.step {
      switch step {
      case .read(_, let bytes): probe.take(bytes > 4 ? Self.space(tableBar: bar) : [0, 0, 0, 0])
      case .write: probe.take([])
      }
    }
    if bar < 6 {
      #expect(try probe.device().interrupts[VfioUserInterruptIndex.msix.rawValue] == 8)
    } else {
      #expect(throws: VfioUserProbeError.interruptTable(bar: bar)) { try probe.device() }
    }
  }
}
