import Endpoints
import LinkBroker
import PCIe
import RevereInterface

/// Any commands and register writes end in a status, an exception or an error state, never in a trap.
///
/// - Layout: a byte says what follows: a command of 64 bytes, or a register write of an offset and a value.
///   Its lowest bit chooses the function.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAMUCommands(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let bench = FuzzBench() else { preconditionFailure("the unit is built as described") }
  var place = 0
  while place < bytes.count {
    let kind = bytes[place]
    place += 1
    let length = kind & 0x80 == 0 ? RevereInterface.messageBytes : 10
    let piece = Array(bytes[place..<min(place + length, bytes.count)])
    place += length
    bench.perform(kind, piece + [UInt8](repeating: 0, count: length - piece.count))
  }
  bench.finish()
  return 0
}

/// A unit with one virtual function, below a root complex.
private final class FuzzBench {
  private var fabric = Fabric()
  private let root = RootComplex(node: 0, memoryBytes: 1 << 20)
  private var drivers: [AMUDriver] = []

  init?() {
    var configuration = RevereAMUConfiguration()
    configuration.virtualFunctions = 1
    configuration.softwareContexts = 3
    configuration.hardwareContexts = 2
    configuration.sessions = 8
    configuration.sockets = 4
    configuration.agents = [InvertAgent(), CopyAgent(), DeflateAgent(isCompressing: true), HashAgent()]
    guard let unit = try? RevereAMU(configuration) else { return nil }
    let (upper, lower) = (fabric.add(root), fabric.add(unit))
    _ = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt16, width: 4, maxPayloadBytes: 256))
    guard let found = try? Enumerator.run(root, in: &fabric).last, let bar = found.bar(0),
      let virtual = found.virtualBars.first,
      let place = unit.function.space.places[.singleRootVirtualization]
    else { return nil }
    typealias Register = SingleRootVirtualizationCapability.Register
    let function = FunctionAddress(rawValue: found.address.rawValue + 1)
    root.configurationWrite(
      to: found.address, offset: place + Register.numVFs, size: 2, value: 1, in: &fabric)
    root.configurationWrite(
      to: found.address, offset: place + Register.control, size: 2, value: 9, in: &fabric)
    root.configurationWrite(to: function, offset: HeaderRegister.command, size: 2, value: 4, in: &fabric)
    drivers = [
      AMUDriver(root, registers: bar.address, memory: 0),
      AMUDriver(root, registers: virtual.address, memory: 0x4000),
    ]
    for driver in drivers { driver.start(control: 1 << 18 | 1 << 17 | 3, in: &fabric) }
    if let enable = RevereInterface.command("PF_F_ENABLE") {
      _ = drivers[0].perform(enable.message(["F_OWNER": 1]), in: &fabric)
    }
  }

  func perform(_ kind: UInt8, _ piece: [UInt8]) {
    let driver = drivers[Int(kind & 1)]
    if kind & 0x80 == 0 {
      _ = driver.perform(piece, in: &fabric)
    } else {
      let offset = Int(piece[0]) | Int(piece[1] & 3) << 16 | Int(piece[1] >> 2 & 15) << 8
      let value = piece[2...].enumerated().reduce(UInt64(0)) {
        $0 | UInt64($1.element) << UInt64($1.offset * 8)
      }
      driver.write(offset & ~7, value, in: &fabric)
      fabric.runUntilIdle()
    }
    _ = driver.take(.exceptions, in: &fabric)
    _ = driver.take(.traces, in: &fabric)
    // Error states end, so that what follows is looked at too.
    driver.write(AMULayout.status, 0, in: &fabric)
  }

  func finish() {
    fabric.runUntilIdle()
    precondition(fabric.payloads.used == 0, "a payload is left behind")
  }
}
