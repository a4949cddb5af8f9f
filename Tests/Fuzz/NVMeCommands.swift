import Endpoints
import LinkBroker
import PCIe
import Simulation

/// Any commands, memory, registers and resets end in a status or in CSTS.CFS, never in a trap.
///
/// - Layout: a byte says what follows. Bit 7 clear: a command of 64 bytes for the queue in bits 1:0, rung for with
///   its tail. Set, bits 6:5 say what: 0 an offset of 16 bits and a value of 32 for a register or a doorbell, 1 a
///   place of 8 bits in configuration space and a value of 32, 2 an offset of 16 bits in the memory where lists
///   are and 8 bytes for it, 3 a new start, with bit 0 behind a function level reset. Bit 4 lets little time
///   pass, so that what follows meets what goes on.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzNVMeCommands(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let bench = FuzzDrive() else { preconditionFailure("the controller is built as described") }
  var place = 0
  while place < bytes.count {
    let kind = bytes[place]
    place += 1
    let length = kind & 0x80 == 0 ? 64 : [6, 5, 10, 0][Int(kind >> 5 & 3)]
    let piece = Array(bytes[min(place, bytes.count)..<min(place + length, bytes.count)])
    place += length
    bench.perform(kind, piece + [UInt8](repeating: 0, count: length - piece.count))
  }
  bench.finish()
  return 0
}

/// A controller with two pairs of queues and a namespace of 1 MiB, below a root complex.
private final class FuzzDrive {
  private var fabric = Fabric()
  private let root = RootComplex(node: 0, memoryBytes: 1 << 20)
  private let controller: NVMeController
  private let target: FunctionAddress
  private let registers: UInt64
  private let deviceControl: Int
  /// The tails of the queues, of which each has 16 entries.
  private var tails = [0, 0, 0]

  init?() {
    var configuration = NVMeConfiguration()
    configuration.queueCount = 2
    configuration.msixVectorCount = 3
    configuration.namespaces = [NVMeNamespace(storage: MemoryStorage(byteCount: 1 << 20))]
    guard let controller = try? NVMeController(configuration) else { return nil }
    self.controller = controller
    let (upper, lower) = (fabric.add(root), fabric.add(controller))
    _ = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt8, width: 1, maxPayloadBytes: 128))
    guard let found = try? Enumerator.run(root, in: &fabric).last, let bar = found.bar(0),
      let express = controller.function.space.places.express
    else { return nil }
    (target, registers) = (found.address, bar.address)
    deviceControl = express + ExpressCapability.Register.deviceControl
    start()
  }

  private static func base(_ queue: Int) -> UInt64 { 0x1_0000 + UInt64(queue) * 0x2000 }

  private func write(_ offset: Int, _ value: UInt32) {
    let data = (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    _ = root.write(address: registers + UInt64(offset), data: data, in: &fabric)
  }

  private func configure(_ offset: Int, _ value: UInt32, size: Int = 4) {
    _ = root.configurationWrite(to: target, offset: offset, size: size, value: value, in: &fabric)
  }

  /// Enables the controller, and creates its queues.
  private func start() {
    configure(HeaderRegister.command, 6, size: 2)
    write(0x14, 0)
    run(microseconds: 100_000)
    write(0x24, 0xf_000f)
    write(0x28, UInt32(Self.base(0)))
    write(0x2c, 0)
    write(0x30, UInt32(Self.base(0) + 0x1000))
    write(0x34, 0)
    write(0x14, 0x46_0001)
    tails = [0, 0, 0]
    for queue in 1...2 {
      submit(command(5, Self.base(queue) + 0x1000, queue, UInt32(queue) << 16 | 3), to: 0)
      submit(command(1, Self.base(queue), queue, UInt32(queue) << 16 | 1), to: 0)
      run(microseconds: 1000)
    }
    // The completions of these four.
    write(0x1004, 4)
  }

  private func command(_ opcode: UInt8, _ page: UInt64, _ queue: Int, _ word: UInt32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 64)
    (bytes[0], bytes[2]) = (opcode, UInt8(queue * 8 + Int(opcode)))
    for index in 0..<8 { bytes[24 + index] = UInt8(truncatingIfNeeded: page >> UInt64(8 * index)) }
    bytes[40] = UInt8(queue)
    bytes[42] = 15
    for index in 0..<4 { bytes[44 + index] = UInt8(truncatingIfNeeded: word >> UInt32(8 * index)) }
    return bytes
  }

  private func submit(_ bytes: [UInt8], to queue: Int) {
    let address = Self.base(queue) + UInt64(tails[queue] * 64)
    _ = root.write(address: address, data: bytes, in: &fabric)
    tails[queue] = (tails[queue] + 1) % 16
    write(0x1000 + queue * 8, UInt32(tails[queue]))
  }

  private func run(microseconds: UInt64) {
    fabric.run(until: fabric.now + .microseconds(microseconds))
  }

  func perform(_ kind: UInt8, _ piece: [UInt8]) {
    func word(_ at: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(piece[at + $1]) << (8 * UInt32($1)) } }
    switch (kind >> 7, kind >> 5 & 3) {
    case (0, _): submit(piece, to: Int(kind & 3) % 3)
    case (_, 0): write(Int(piece[0]) & ~3 | Int(piece[1]) << 8, word(2))
    case (_, 1): configure(Int(piece[0]) & ~3, word(1))
    case (_, 2):
      let offset = UInt64(piece[0]) | UInt64(piece[1]) << 8
      _ = root.write(address: 0x4_0000 + offset & ~7, data: Array(piece[2...]), in: &fabric)
    default:
      if kind & 1 == 1 {
        configure(deviceControl, 0x8000, size: 2)
        run(microseconds: 2000)
        configure(HeaderRegister.bar(0), UInt32(truncatingIfNeeded: registers))
        configure(HeaderRegister.bar(1), UInt32(truncatingIfNeeded: registers >> 32))
      }
      start()
    }
    run(microseconds: kind & 0x10 == 0 ? 3000 : 1)
    // What is completed is taken, so that queues do not fill.
    for queue in 0..<3 where kind & 0x10 == 0 { write(0x1004 + queue * 8, UInt32(tails[queue])) }
  }

  func finish() {
    configure(HeaderRegister.command, 0, size: 2)
    fabric.runUntilIdle()
    precondition(fabric.payloads.used == 0, "a payload is left behind")
  }
}
