import LinkBroker
import PCIe
import Testing

@testable import Endpoints

/// Hierarchies that cannot be set up, and functions that answer oddly.
struct EnumerationErrorTests {
  private func error(_ hierarchy: Hierarchy) -> EnumerationError? {
    do throws(EnumerationError) {
      try hierarchy.enumerate()
      return nil
    } catch {
      return error
    }
  }

  /// A device that answers with an identity and the registers given.
  private func device(_ registers: [Int: UInt32]) -> ScriptedDevice {
    let device = ScriptedDevice()
    device.registers = registers.merging([0: 0x5678_1234]) { own, _ in own }
    return device
  }

  @Test func registersThatDoNotFit() throws {
    let hierarchy = Hierarchy()
    // All ones but the size: 1 GiB each, of which one fits below 0xfec0_0000.
    let big = device([HeaderRegister.bar0: 0xc000_0000, HeaderRegister.bar(1): 0xc000_0000])
    hierarchy.add(big)
    let address = FunctionAddress(bus: 1, device: 0, function: 0)
    #expect(
      error(hierarchy) == .noSpace(function: address, bar: 1, bytes: 1 << 30, space: "32-bit memory"))
  }

  @Test func capabilityListThatNeverEnds() throws {
    let hierarchy = Hierarchy()
    hierarchy.add(
      device([
        HeaderRegister.command: UInt32(StatusBits.capabilitiesList.rawValue) << 16,
        HeaderRegister.capabilitiesPointer: 0x40, 0x40: 0x0000_5001, 0x50: 0x0000_4005,
      ]))
    let address = FunctionAddress(bus: 1, device: 0, function: 0)
    #expect(error(hierarchy) == .capabilityLoop(function: address))
  }

  @Test func pointersIntoTheHeaderEndTheList() throws {
    let hierarchy = Hierarchy()
    hierarchy.add(
      device([
        HeaderRegister.command: UInt32(StatusBits.capabilitiesList.rawValue) << 16,
        HeaderRegister.capabilitiesPointer: 0x43, 0x40: 0x0000_1001,
      ]))
    #expect(error(hierarchy) == nil)
    #expect(hierarchy.function(1)?.capabilities == [1: 0x40])
  }

  @Test(arguments: [0, 0xffff_ffff] as [UInt32]) func identityOfNobody(identity: UInt32) throws {
    let hierarchy = Hierarchy()
    hierarchy.add(device([0: identity]))
    #expect(error(hierarchy) == nil)
    #expect(hierarchy.functions.map(\.address.description) == ["00:01.0"])
  }

  /// - Source: PCI Express Base 5.0, 2.3.1: Request Retry Status asks software to come again.
  @Test func deviceThatNeedsTime() throws {
    let hierarchy = Hierarchy()
    let slow = device([:])
    slow.retries = 20
    hierarchy.add(slow)
    #expect(error(hierarchy) == nil)
    #expect(hierarchy.function(1)?.vendorID == 0x1234)
  }

  @Test func deviceThatNeedsMoreThanASecond() throws {
    let hierarchy = Hierarchy()
    let slow = device([:])
    slow.retries = .max
    hierarchy.add(slow)
    #expect(error(hierarchy) == nil)
    #expect(hierarchy.functions.map(\.address.description) == ["00:01.0"])
  }

  @Test func deviceThatSaysNothing() throws {
    let hierarchy = Hierarchy()
    let silent = device([:])
    silent.answersConfiguration = false
    hierarchy.add(silent)
    #expect(error(hierarchy) == nil)
    #expect(hierarchy.functions.map(\.address.description) == ["00:01.0"])
  }

  @Test func messagesNameWhatIsWrongAndTheBound() {
    let function = FunctionAddress(bus: 1, device: 0, function: 0)
    let texts: [EnumerationError: String] = [
      .noBusNumbersLeft(bridge: function): "no bus number is left for the bus below 01:00.0",
      .memoryTooLarge(bytes: 0x8000_0001, limit: 0x8000_0000):
        "host memory of 2147483649 bytes reaches into the space of device registers, "
        + "which starts at 2147483648",
      .capabilityLoop(function: function): "the capability list of 01:00.0 never ends",
      .noSpace(function: function, bar: 2, bytes: 4096, space: "I/O"):
        "bar2 of 01:00.0 wants 4096 bytes, more than is left of the I/O space",
    ]
    for (error, text) in texts { #expect(error.description == text) }
  }
}
