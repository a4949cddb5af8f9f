import Endpoints
import LinkBroker
import PCIe
import RevereInterface
import Simulation

/// Any commands and register writes end in a status, an exception or an error state, never in a trap.
///
/// - Layout: a byte says what follows. Bit 7 clear: a command of 64 bytes. Set: an offset of 16 bits and a
///   value of 64, or with bits 6:5 set nothing, for a reset of the virtual function, with bit 4 too for
///   address translation services. Bit 0 is the function; bit 6 lets little time pass, so that what follows
///   meets it. Of a write, bits 2:1 are the page of a context and bits 4:3 the width. A first command with
///   bit 1 set is for a unit of type B.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAMUCommands(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
  let isTypeB = bytes.first.map { $0 & 0x82 == 0x02 } ?? false
  guard let bench = FuzzBench(isTypeB ? .tables : .registers) else {
    preconditionFailure("the unit is built as described")
  }
  var place = 0
  while place < bytes.count {
    let kind = bytes[place]
    place += 1
    let length = kind & 0x80 == 0 ? RevereInterface.messageBytes : kind & 0x60 == 0x60 ? 0 : 10
    let piece = Array(bytes[min(place, bytes.count)..<min(place + length, bytes.count)])
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
  private let virtual: FunctionAddress
  private let reset: Int
  /// The control registers of both functions, which need not stand at the same place.
  private let translations: [Int]

  init?(_ socketType: AMISocketType) {
    var configuration = RevereAMUConfiguration()
    configuration.virtualFunctions = 1
    configuration.socketType = socketType
    configuration.softwareContexts = 3
    configuration.hardwareContexts = 2
    // More than the reads that are under way at a time, so that sessions wait in line.
    configuration.sessions = 24
    configuration.sockets = 4
    configuration.agents = [
      InvertAgent(), CopyAgent(), DeflateAgent(isCompressing: true), DeflateAgent(isCompressing: false),
      HashAgent(),
    ]
    guard let unit = try? RevereAMU(configuration) else { return nil }
    let (upper, lower) = (fabric.add(root), fabric.add(unit))
    _ = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt16, width: 4, maxPayloadBytes: 256))
    guard let found = try? Enumerator.run(root, in: &fabric).last, let bar = found.bar(0),
      let pages = found.virtualBars.first,
      let place = unit.function.space.places[.singleRootVirtualization],
      let express = unit.function.space.places.express,
      let services = unit.function.space.places[.addressTranslation],
      let virtual = unit.virtualFunction(1)?.space.places[.addressTranslation]
    else { return nil }
    typealias Register = SingleRootVirtualizationCapability.Register
    translations = [services + 6, virtual + 6]
    self.virtual = FunctionAddress(rawValue: found.address.rawValue + 1)
    reset = express + ExpressCapability.Register.deviceControl
    configure(found.address, place + Register.numVFs, 1)
    configure(found.address, place + Register.control, 9)
    configure(self.virtual, HeaderRegister.command, 4)
    drivers = [
      AMUDriver(root, registers: bar.address, memory: 0, socketType: socketType),
      AMUDriver(root, registers: pages.address, memory: 0x4000, socketType: socketType),
    ]
    for driver in drivers { driver.start(control: 1 << 18 | 1 << 17 | 3, in: &fabric) }
    if let enable = RevereInterface.command("PF_F_ENABLE") {
      _ = drivers[0].perform(enable.message(["F_OWNER": 1]), in: &fabric)
    }
  }

  private func configure(_ target: FunctionAddress, _ offset: Int, _ value: UInt32) {
    _ = root.configurationWrite(to: target, offset: offset, size: 2, value: value, in: &fabric)
  }

  func perform(_ kind: UInt8, _ piece: [UInt8]) {
    let driver = drivers[Int(kind & 1)]
    if kind & 0x80 == 0 {
      driver.send(piece, in: &fabric)
    } else if kind & 0x70 == 0x70 {
      let physical = FunctionAddress(rawValue: virtual.rawValue - 1)
      configure(kind & 1 == 0 ? physical : virtual, translations[Int(kind & 1)], kind & 2 == 0 ? 0x8000 : 0)
    } else if kind & 0x60 == 0x60 {
      configure(virtual, reset, 0x8000)
      fabric.run(until: fabric.now + .milliseconds(2))
      configure(virtual, HeaderRegister.command, 4)
      drivers[1].start(control: 3 << 17, in: &fabric)
    } else {
      let width = 8 >> Int(kind >> 3 & 3)
      let offset = (Int(piece[0]) | Int(piece[1]) << 8) & ~(width - 1) | Int(kind >> 1 & 3) << 16
      _ = root.write(
        address: driver.registers + UInt64(offset), data: Array(piece[2..<2 + width]), in: &fabric)
    }
    run(kind & 0x40 == 0 ? 3000 : 15)
    for driver in drivers {
      for source in [AMUDriver.Source.responses, .exceptions, .traces] {
        while driver.take(source, in: &fabric) != nil {}
      }
      // Error states end, so that what follows is looked at too.
      driver.write(AMULayout.status, 0, in: &fabric)
    }
  }

  /// Accelerators that are joined to a ring never come to rest.
  private func run(_ steps: Int) {
    for _ in 0..<steps {
      guard fabric.step() else { return }
    }
  }

  func finish() {
    // What stands still comes to rest.
    drivers[0].write(AMULayout.control, 0, in: &fabric)
    fabric.runUntilIdle()
    precondition(fabric.payloads.used == 0, "a payload is left behind")
  }
}
