import Endpoints
import LinkBroker
import Nodes
import PCIe
import Simulation
import SuiteLanguage
import Transports

/// Plays the processor of a machine of QEMU's: its requests go to QEMU's test interface, one after the other.
///
/// Software there sees data and no status: of a request that fails, all ones. What a link of ours has carried
/// is known better, and told with `note`.
final class QTestProcessor {
  private var client: QTestClient
  private var memory = QTestInterruptMemory()
  /// Whether QEMU's clock moves only when it is told to.
  private let stepsClock: Bool
  /// What the answers that are still to come are for, the next one first.
  private var purposes: [Purpose] = []
  private var operations: [Int: Operation] = [:]
  private var lastOperation = 0
  private var looking = Looking()
  private var hasFailed = false
  /// Whether what it is to find and set up has been done.
  private(set) var isSetUp = false

  /// Lets the rest of the case happen while a request is on its way; false when nothing more can.
  var pump: (inout Fabric) -> Bool = { _ in false }

  private enum Purpose {
    case nothing
    /// A part of a read.
    case read(Int)
    case write(Int)
    case look
    case ready

    var operation: Int? {
      switch self {
      case .read(let index), .write(let index): index
      case .nothing, .look, .ready: nil
      }
    }
  }

  /// How interrupts are looked for.
  private struct Looking {
    /// Whether somebody waits for one.
    var isWanted = false
    var isUnderWay = false
    var last = MonotonicInstant(nanoseconds: 0)
  }

  private struct Operation {
    var open = 0
    var bytes: [UInt8] = []
    var status: RequestStatus?
    /// Where it reads or writes.
    var place: Range<UInt64> = 0..<0
    /// How a request of QEMU's has failed that it has led to.
    private var failure: RequestStatus?

    mutating func note(_ status: RequestStatus) { failure = failure ?? status }
    mutating func end() { status = failure ?? .successful }
  }

  /// The time between two looks at the words of interrupts, and how far QEMU's clock goes on at each.
  private static let (lookPause, clockStep): (UInt64, UInt64) = (200_000, 1_000_000)

  init(path: String, stepsClock: Bool) throws(SocketError) {
    client = try QTestClient(path: path)
    self.stepsClock = stepsClock
    prepare()
  }

  /// Waits for the next QEMU, where one has called.
  func reopen() throws(SocketError) {
    guard client.isConnected || client.failure != nil else { return }
    client = try QTestClient(path: client.path)
    memory = QTestInterruptMemory()
    (purposes, operations) = ([], [:])
    looking = Looking()
    (hasFailed, isTold, isSetUp) = (false, false, false)
    prepare()
  }

  /// The path at which QEMU calls.
  var path: String { client.path }
  /// Why it can do nothing any more; nil while it can.
  var failure: QTestFailure? { client.failure }
  private var isTold = false
  var waits: [TransportWait] { client.waits }

  /// Opens the window by which configuration space is reached, and has the wires of interrupts told.
  ///
  /// - Source: QEMU, `hw/pci-host/q35.c`: PCIEXBAR of the host bridge, of which bit 0 enables and zeros in
  ///   bits 2:1 mean 256 buses.
  private func prepare() {
    for (register, value) in [(0x64, 0), (0x60, UInt32(Self.configurationStart) | 1)] as [(UInt32, UInt32)] {
      ask(.output(port: 0xcf8, 1 << 31 | register), .nothing)
      ask(.output(port: 0xcfc, value), .nothing)
    }
    ask(.interceptInterrupts(of: "ioapic"), .ready)
  }

  static let configurationStart: UInt64 = 0xb000_0000
  private static let configurationWindow = configurationStart..<configurationStart + 256 << 20

  private func ask(_ command: QTestCommand, _ purpose: Purpose) {
    purposes.append(purpose)
    client.ask(command)
  }

  /// Takes and gives what can be; false when there was nothing.
  func attend() -> Bool {
    guard client.look() else { return false }
    for change in client.takeInterrupts() where change.isRaised { memory.raise(change.input) }
    while !purposes.isEmpty, let bytes = client.takeAnswer() { take(bytes, for: purposes.removeFirst()) }
    if client.failure != nil, !hasFailed {
      hasFailed = true
      purposes = []
      for index in operations.keys where operations[index]?.status == nil {
        operations[index]?.status = .timeout
      }
    }
    return true
  }

  private func take(_ bytes: [UInt8], for purpose: Purpose) {
    switch purpose {
    case .nothing: return
    case .ready: isSetUp = true
    case .look:
      looking.isUnderWay = false
      for word in memory.take(bytes) { ask(.store(word, [0, 0, 0, 0]), .nothing) }
    case .read(let index), .write(let index):
      operations[index]?.bytes += bytes
      operations[index]?.open -= 1
      if operations[index]?.open == 0 { operations[index]?.end() }
    }
  }

  /// Takes how a request of QEMU's has failed, for the command that has led to it.
  func note(_ failure: HostFailure) {
    for index in purposes.lazy.compactMap(\.operation) where isCause(index, of: failure) {
      operations[index]?.note(RequestStatus(failure.reason))
      return
    }
  }

  private func isCause(_ index: Int, of failure: HostFailure) -> Bool {
    guard let place = operations[index]?.place else { return false }
    // Where the function stands is not told, nor its BARs when its link is down. QEMU works on one command at
    // a time, so that only which of two that are alike can be mistaken.
    let mask: UInt64 = failure.isConfiguration ? 0xfff : 0xf
    let first = place.lowerBound &+ (failure.offset &- place.lowerBound) & mask
    return Self.configurationWindow.contains(place.lowerBound) == failure.isConfiguration
      && place.contains(first)
  }

  /// Looks at the words of interrupts where somebody waits for one; gives how long that may wait.
  ///
  /// - Units: nanoseconds; nil when there is nothing to look at.
  func lookForInterrupts(at now: MonotonicInstant) -> UInt64? {
    guard looking.isWanted, !looking.isUnderWay, !hasFailed else { return nil }
    let elapsed = now.nanoseconds(since: looking.last)
    guard elapsed >= Self.lookPause else { return Self.lookPause - elapsed }
    looking = Looking(isWanted: false, isUnderWay: true, last: now)
    if stepsClock { ask(.step(nanoseconds: Self.clockStep), .nothing) }
    ask(.load(QTestInterruptMemory.start, bytes: memory.byteCount), .look)
    return nil
  }

  /// Takes one arrival of an interrupt, or sees to it that one is looked for.
  func claim(_ kind: InterruptTarget.Kind, vector: Int, from function: FunctionAddress?) -> Bool {
    if memory.claim(kind, vector: vector, from: function) { return true }
    looking.isWanted = true
    return false
  }

  /// Takes one assertion of a wire of a device of bus 0, or of any; 0 for INTA.
  func claimWire(_ wire: Int, ofDevice device: UInt8?) -> Bool {
    if memory.claimWire(wire, ofDevice: device) { return true }
    looking.isWanted = true
    return false
  }

  /// Takes the failure, once.
  func takeFailure() -> QTestFailure? {
    guard !isTold, let failure else { return nil }
    isTold = true
    return failure
  }
}

// What software asks.
extension QTestProcessor: HostProcessor {
  private func begin(
    _ commands: [QTestCommand], at address: UInt64, _ count: Int, _ purpose: (Int) -> Purpose
  ) -> RequestOperation {
    lastOperation += 1
    var operation = Operation()
    operation.place = address..<max(address, address &+ UInt64(count))
    operation.open = commands.count
    if hasFailed || commands.isEmpty { operation.status = hasFailed ? .timeout : .successful }
    operations[lastOperation] = operation
    for command in commands where !hasFailed { ask(command, purpose(lastOperation)) }
    return RequestOperation(index: lastOperation)
  }

  private static func pieces(_ address: UInt64, _ count: Int) -> [(address: UInt64, range: Range<Int>)] {
    stride(from: 0, to: count, by: QTestClient.transferMax).map { start in
      (address &+ UInt64(start), start..<min(start + QTestClient.transferMax, count))
    }
  }

  private static func place(_ target: FunctionAddress, _ offset: Int) -> UInt64 {
    configurationStart + UInt64(target.rawValue) << 12 + UInt64(offset)
  }

  func beginConfigurationRead(
    of target: FunctionAddress, offset: Int, size: Int, timeout: VirtualDuration?, in fabric: inout Fabric
  ) -> RequestOperation {
    let place = Self.place(target, offset)
    return begin([.load(place, bytes: size)], at: place, size) { .read($0) }
  }

  func beginConfigurationWrite(
    to target: FunctionAddress, offset: Int, data: [UInt8], timeout: VirtualDuration?,
    in fabric: inout Fabric
  ) -> RequestOperation {
    let place = Self.place(target, offset)
    return begin([.store(place, data)], at: place, data.count) { .write($0) }
  }

  func beginRead(
    address: UInt64, count: Int, timeout: VirtualDuration?, in fabric: inout Fabric
  ) -> RequestOperation {
    let loads = Self.pieces(address, count).map { QTestCommand.load($0.address, bytes: $0.range.count) }
    return begin(loads, at: address, count) { .read($0) }
  }

  /// Writes memory, and ends when QEMU has done so.
  func beginWrite(address: UInt64, data: [UInt8]) -> RequestOperation {
    let stores = Self.pieces(address, data.count).map {
      QTestCommand.store($0.address, Array(data[$0.range]))
    }
    return begin(stores, at: address, data.count) { .write($0) }
  }

  func write(address: UInt64, data: [UInt8], in fabric: inout Fabric) -> RequestStatus {
    for piece in Self.pieces(address, data.count) {
      ask(.store(piece.address, Array(data[piece.range])), .nothing)
    }
    return .successful
  }

  func status(of operation: RequestOperation) -> RequestStatus? { operations[operation.index]?.status }
  func data(of operation: RequestOperation) -> [UInt8] { operations[operation.index]?.bytes ?? [] }
  func release(_ operation: RequestOperation) { operations[operation.index] = nil }
  func proceed(in fabric: inout Fabric) -> Bool { pump(&fabric) }

  /// Below the window of configuration space is QEMU's own memory.
  var map: HostMap {
    var map = HostMap(devices: 0...31, memory: 0xc000_0000..<0xfec0_0000)
    map.spareBytes = 2 << 20
    return map
  }

  /// QEMU's ports have no limit of their own; those of our links stand in the functions at their ends.
  func linkPayloadBytes(below top: FunctionAddress, in fabric: borrowing Fabric) -> Int { 4096 }
  func keepPayload(_ bytes: Int, below top: FunctionAddress) {}

  func messages(
    for function: FunctionAddress, _ kind: InterruptTarget.Kind, vectors: Int
  ) -> [InterruptMessage] {
    memory.messages(for: function, kind, vectors: vectors)
  }

  /// QEMU keeps to the masks itself.
  func watchMasks(of function: FunctionAddress, table: UInt64, vectors: Int, control: Int) {}
}

extension RequestStatus {
  /// As software on a root complex has it: what a port that is down was given ends as unsupported.
  ///
  /// - Source: PCI Express Base 5.0, 2.9.1.
  fileprivate init(_ reason: HostFailure.Reason) {
    self =
      switch reason {
      case .status(.completerAbort): .completerAbort
      case .status(.requestRetry): .requestRetry
      case .status, .linkDown: .unsupportedRequest
      case .timeout: .timeout
      case .poisoned: .poisoned
      }
  }
}
