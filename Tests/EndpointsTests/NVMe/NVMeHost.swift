import LinkBroker
import PCIe

@testable import Endpoints

/// A small driver: it sets a controller up, queues commands in the host's memory and takes completions.
struct NVMeHost: ~Copyable {
  var bench: DeviceBench<NVMeController>
  private var tails: [Int: Int] = [:]
  private var heads: [Int: Int] = [:]
  private var sizes: [Int: (submission: Int, completion: Int)] = [:]
  private var nextIdentifier: UInt16 = 0

  struct Completion: Hashable {
    var result: UInt32
    var head: Int
    var queue: Int
    var identifier: UInt16
    /// Without the phase tag and without More.
    var status: UInt16
    var more: Bool
  }

  /// A command, whose identifier is set when it is submitted.
  struct Command {
    var opcode: UInt8
    var flags: UInt8 = 0
    var identifier: UInt16?
    var namespace: UInt32 = 0
    var pages: (UInt64, UInt64) = (0, 0)
    var words: [UInt32] = []

    func bytes(_ identifier: UInt16) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: 64)
      bytes[0] = opcode
      bytes[1] = flags
      bytes.storeLE(self.identifier ?? identifier, at: 2)
      bytes.storeLE(namespace, at: 4)
      bytes.storeLE(pages.0, at: 24)
      bytes.storeLE(pages.1, at: 32)
      for (index, word) in words.enumerated() { bytes.storeLE(word, at: 40 + index * 4) }
      return bytes
    }
  }

  static let data: UInt64 = 0x8_0000

  init(_ change: (inout NVMeConfiguration) -> Void = { _ in }) throws {
    var configuration = NVMeConfiguration()
    configuration.seed = 7
    change(&configuration)
    bench = DeviceBench(try NVMeController(configuration))
    setVectors()
  }

  /// Vector n writes n + 1 to the word n at 0xf_f000.
  private mutating func setVectors() {
    guard let place = bench.function.space.places.msix else { return }
    bench.configurationWrite(place, 1 << 31)
    for vector in 0..<min(16, bench.function.msixVectorCount) {
      let entry = DeviceBench<NVMeController>.address(ofBar: 2) + UInt64(vector * 16)
      bench.writeWord(entry, 0xf_f000 + UInt32(vector * 4))
      bench.writeWord(entry + 8, UInt32(vector + 1))
      bench.writeWord(entry + 12, 0)
    }
    bench.host.arrivals.removeAll()
  }

  /// The vectors whose interrupts have come, in order.
  var interrupts: [Int] {
    bench.host.arrivals.writes.filter { $0.header.address >= 0xf_f000 }.map {
      Int($0.header.address - 0xf_f000) / 4
    }
  }

  mutating func set(_ register: Int, _ value: UInt32) {
    bench.writeWord(barAddress + UInt64(register), value)
  }
  mutating func get(_ register: Int) -> UInt32 { bench.readWord(barAddress + UInt64(register)) ?? 0 }
  mutating func ring(_ queue: Int, isCompletion: Bool, _ value: Int) {
    set(NVMeRegister.doorbell(ofQueue: queue, isCompletion: isCompletion), UInt32(value))
  }

  static func submissionBase(_ queue: Int) -> Int { 0x1000 + queue * 0x4000 }
  static func completionBase(_ queue: Int) -> Int { submissionBase(queue) + 0x3000 }

  /// Enables the controller; gives CSTS.
  @discardableResult
  mutating func enable(entries: Int = 32, completions: Int? = nil, settings: UInt32 = 0x0046_0001) -> UInt32 {
    let completions = completions ?? entries
    set(NVMeRegister.adminQueueSizes, UInt32(completions - 1) << 16 | UInt32(entries - 1))
    set(NVMeRegister.adminSubmissionBase, UInt32(Self.submissionBase(0)))
    set(NVMeRegister.adminCompletionBase, UInt32(Self.completionBase(0)))
    open(0, entries, completions)
    set(NVMeRegister.configuration, settings)
    return get(NVMeRegister.status)
  }

  private mutating func open(_ queue: Int, _ entries: Int, _ completions: Int) {
    (tails[queue], heads[queue]) = (0, 0)
    sizes[queue] = (entries, completions)
    let base = Self.completionBase(queue)
    for index in 0..<completions * 16 { bench.host.memory[base + index] = 0 }
  }

  /// Creates a pair of I/O queues.
  mutating func createQueues(_ queue: Int, entries: Int = 32, completions: Int? = nil) {
    let completions = completions ?? entries
    open(queue, entries, completions)
    let first = execute(
      Command(
        opcode: 5, pages: (UInt64(Self.completionBase(queue)), 0),
        words: [UInt32(completions - 1) << 16 | UInt32(queue), UInt32(queue) << 16 | 3]))
    let second = execute(
      Command(
        opcode: 1, pages: (UInt64(Self.submissionBase(queue)), 0),
        words: [UInt32(entries - 1) << 16 | UInt32(queue), UInt32(queue) << 16 | 1]))
    precondition(first.status == 0 && second.status == 0)
  }

  /// Puts a command into a queue without telling; gives its identifier.
  @discardableResult
  mutating func put(_ command: Command, in queue: Int = 0) -> UInt16 {
    nextIdentifier &+= 1
    let (tail, size) = (tails[queue] ?? 0, sizes[queue]?.submission ?? 1)
    let start = Self.submissionBase(queue) + tail * 64
    bench.host.memory.replaceSubrange(start..<start + 64, with: command.bytes(nextIdentifier))
    tails[queue] = (tail + 1) % size
    return command.identifier ?? nextIdentifier
  }

  mutating func ring(_ queue: Int) { ring(queue, isCompletion: false, tails[queue] ?? 0) }

  /// Takes what the controller has completed, and tells it so unless it is to wait.
  mutating func take(_ queue: Int = 0, isTold: Bool = true) -> [Completion] {
    var taken: [Completion] = []
    let size = sizes[queue]?.completion ?? 1
    while true {
      let head = heads[queue] ?? 0
      let start = Self.completionBase(queue) + head % size * 16
      let bytes = Array(bench.host.memory[start..<start + 16])
      let status: UInt16 = bytes.loadLE(at: 14)
      guard status & 1 == (head / size & 1 == 0 ? 1 : 0) else { break }
      taken.append(
        Completion(
          result: bytes.loadLE(at: 0), head: Int(bytes.loadLE(at: 8, as: UInt16.self)),
          queue: Int(bytes.loadLE(at: 10, as: UInt16.self)), identifier: bytes.loadLE(at: 12),
          status: status >> 1 & ~0x2000, more: status >> 14 & 1 == 1))
      heads[queue] = head + 1
    }
    if isTold, !taken.isEmpty { tell(queue) }
    return taken
  }

  /// Tells the controller how far completions have been taken.
  mutating func tell(_ queue: Int = 0) {
    ring(queue, isCompletion: true, (heads[queue] ?? 0) % (sizes[queue]?.completion ?? 1))
  }

  /// Performs one command; a status of all ones says that it did not complete.
  mutating func execute(_ command: Command, in queue: Int = 0) -> Completion {
    let identifier = put(command, in: queue)
    ring(queue)
    return take(queue).first { $0.identifier == identifier }
      ?? Completion(result: 0, head: 0, queue: 0, identifier: 0, status: .max, more: false)
  }
}

// Commands.
extension NVMeHost {
  mutating func identify(_ kind: UInt32, namespace: UInt32 = 0) -> (status: UInt16, page: [UInt8]) {
    let end = execute(
      Command(opcode: 6, namespace: namespace, pages: (Self.data, 0), words: [kind]))
    return (end.status, Array(bench.host.memory[Int(Self.data)..<Int(Self.data) + 4096]))
  }

  mutating func log(_ page: UInt32, bytes: Int, offset: UInt32 = 0) -> (status: UInt16, page: [UInt8]) {
    let end = execute(
      Command(
        opcode: 2, namespace: .max, pages: (Self.data, 0),
        words: [UInt32(bytes / 4 - 1) << 16 | page, 0, offset]))
    return (end.status, Array(bench.host.memory[Int(Self.data)..<Int(Self.data) + bytes]))
  }

  /// Reads or writes blocks from or to memory in one piece; the PRP list, if needed, stands at 0x7_8000.
  mutating func transfer(
    _ opcode: UInt8, first: UInt64, blocks: Int, at address: UInt64 = NVMeHost.data, blockBytes: Int = 512,
    namespace: UInt32 = 1, queue: Int = 1
  ) -> UInt16 {
    let pages = pages(address, blocks * blockBytes, list: 0x7_8000)
    return execute(
      Command(
        opcode: opcode, namespace: namespace, pages: pages,
        words: [
          UInt32(truncatingIfNeeded: first), UInt32(truncatingIfNeeded: first >> 32), UInt32(blocks - 1),
        ]), in: queue
    ).status
  }

  /// PRP 1 and PRP 2 of memory in one piece; writes the list.
  mutating func pages(_ address: UInt64, _ count: Int, list: UInt64) -> (UInt64, UInt64) {
    let first = 4096 - Int(address & 4095)
    guard count > first else { return (address, 0) }
    let second = address + UInt64(first)
    guard count - first > 4096 else { return (address, second) }
    let entries = (count - first + 4095) / 4096
    var place = Int(list)
    for index in 0..<entries {
      // The last entry of a page leads to the next page.
      if place & 4095 == 4088, index < entries - 1 {
        bench.host.memory.storeLE(UInt64(place + 8), at: place)
        place += 8
      }
      bench.host.memory.storeLE(second + UInt64(index * 4096), at: place)
      place += 8
    }
    return (address, list)
  }
}
