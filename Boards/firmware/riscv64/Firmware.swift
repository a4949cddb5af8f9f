/// The firmware: finds and sets up all functions, drives those that it knows, and ends the machine.
@_cdecl("firmware_main")
public func firmware() {
  Console.put("firmware 1\n")
  Interrupts.start()
  var verdicts = Verdicts()
  var enumeration = Enumeration()
  enumeration.run(bus: 0)
  let host = FunctionAddress(bus: 0, device: 0, function: 0)
  verdicts.check("finds functions", host, enumeration.functionCount > 0)
  verdicts.check("places every BAR", host, !enumeration.isFull)
  drive(bus: 0, wire: 0, &verdicts)
  verdicts.tell()
  Machine.powerOff(status: verdicts.failed == 0 ? 0 : 1)
}

/// Tells of a trap and ends the machine: cause, where it was, and what it was about.
///
/// - Source: RISC-V Privileged Architecture 1.12, 3.1.14 to 3.1.16.
@_cdecl("firmware_trap")
public func trap(cause: UInt64, place: UInt64, value: UInt64) {
  Console.put("\nFAIL trap: mcause 0x")
  Console.put(cause, digits: 16)
  Console.put(", mepc 0x")
  Console.put(place, digits: 16)
  Console.put(", mtval 0x")
  Console.put(value, digits: 16)
  Console.endLine()
  Machine.powerOff(status: 2)
}

/// Drives what is on a bus and below, now that everything has its place.
private func drive(bus: UInt8, wire: UInt64, _ verdicts: inout Verdicts) {
  for device in UInt8(0)..<32 {
    let address = FunctionAddress(bus: bus, device: device, function: 0)
    guard address.isPresent else { continue }
    // A wire turns by the number of the device at each bridge.
    let own = (wire + UInt64(device)) % 4
    switch address.identity {
    case DMAEndpoint.identity: DMAEndpoint(address: address, wire: own).run(&verdicts)
    case TeachingDevice.identity: TeachingDevice(address: address, wire: own).run(&verdicts)
    default: if address.isBridge { drive(bus: address.read8(0x19), wire: own, &verdicts) }
    }
  }
}
