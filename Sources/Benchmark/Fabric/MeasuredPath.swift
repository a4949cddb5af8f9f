import Endpoints
import LinkBroker
import PCIe
import Simulation

/// What the fabric figures run on: a root complex with a memory mock below it, set up as software does it.
///
/// Credits, ordering, timing, checkers and history work as in every case of a suite. Each workload checks
/// what came of it, so that no figure is that of a refusal.
final class MeasuredPath {
  static let link = LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: 256)
  /// Where DMA finds host memory.
  static let hostAddress: UInt64 = 0x1000
  static let transferBytes = 4096
  /// How long the lanes take for one transfer, and a little more.
  static let patience = VirtualDuration.microseconds(3)
  /// The writes that software issues before it lets the link catch up.
  static let burst = 64

  private var fabric: Fabric
  private let rootComplex: RootComplex
  private let mock: MemoryMock
  private let linkNumber: Int
  /// Where software finds the memory of the mock that the workloads read and write.
  let barAddress: UInt64
  private let word: [UInt8] = [0x78, 0x56, 0x34, 0x12]
  private let page: [UInt8]
  /// What the last read brought.
  private var seen: [UInt8] = [0, 0, 0, 0]
  /// The capture written last, whose buffer the next one takes.
  private var capture: LinkCapture?

  init(_ link: LinkConfiguration = MeasuredPath.link) throws {
    var fabric = Fabric(maxPayloadBytes: link.maxPayloadBytes)
    rootComplex = RootComplex(node: 0, memoryBytes: 1 << 20)
    mock = try MemoryMock()
    let upper = fabric.add(rootComplex)
    let lower = fabric.add(mock)
    linkNumber = fabric.connect(upstream: (upper, 0), downstream: (lower, 0), link)
    let functions = try Enumerator.run(rootComplex, in: &fabric)
    let bar = functions.first { !$0.isBridge }?.bar(1)
    guard let bar else { preconditionFailure("the memory mock has a writable BAR 1") }
    barAddress = bar.address
    page = (0..<Self.transferBytes).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    precondition(
      rootComplex.write(address: barAddress, data: word, in: &fabric) == .successful, "a BAR takes a write")
    fabric.runUntilIdle()
    fabric.resetMeasurements()
    self.fabric = fabric
  }

  /// The TLPs that both directions have carried.
  var tlpCount: UInt64 {
    fabric.counters(ofLink: linkNumber, downstream: true).tlps
      + fabric.counters(ofLink: linkNumber, downstream: false).tlps
  }

  /// Both directions of the link.
  var directions: [LinkFault.Direction] {
    [.init(link: linkNumber, isDownstream: true), .init(link: linkNumber, isDownstream: false)]
  }

  func arm(_ faults: [LinkFault]) { fabric.arm(faults) }

  /// How often faults have struck.
  var strikeCount: Int { fabric.strikes.count }

  /// Whether all that happened was in order, once the last Ack has come.
  func endsClean() -> Bool {
    fabric.runUntilIdle()
    return fabric.findings.isEmpty && fabric.payloads.used == 0
  }

  /// Reads four bytes of the mock and waits for them, again and again.
  func readRoundTrips(_ steps: Int) { readRoundTrips(steps, &seen, in: &fabric) }

  /// The same while all that crosses the link is captured, in a capture of its own for each batch.
  func capturedRoundTrips(_ steps: Int) {
    fabric.startCapture(Self.captureSettings, reusing: capture.take())
    readRoundTrips(steps, &seen, in: &fabric)
    capture = fabric.endCapture()
  }

  private static let captureSettings = CaptureSettings(interfaces: [.init(name: "link", text: "")])

  /// The records of the last capture.
  var recordCount: UInt64 { capture?.count ?? 0 }

  private func readRoundTrips(_ steps: Int, _ seen: inout [UInt8], in fabric: inout Fabric) {
    for _ in 0..<steps {
      let operation = rootComplex.beginRead(address: barAddress, count: 4, in: &fabric)
      while fabric.step(), rootComplex.status(of: operation) == nil {}
      precondition(rootComplex.take(operation, into: &seen) == .successful, "a read of a BAR succeeds")
      precondition(seen == word, "a read brings what was written")
    }
  }

  /// Writes four bytes to the mock and lets the link come to rest, whatever becomes of the write.
  func sendWrite() {
    _ = rootComplex.write(address: barAddress, data: word, in: &fabric)
    fabric.runUntilIdle()
  }

  /// Writes four bytes to the mock, in bursts.
  func postedWrites(_ steps: Int) { postedWrites(steps, in: &fabric) }

  private func postedWrites(_ steps: Int, in fabric: inout Fabric) {
    let before = mock.function.counters.memoryWrites
    var left = steps
    while left > 0 {
      for _ in 0..<min(left, Self.burst) {
        let status = rootComplex.write(address: barAddress, data: word, in: &fabric)
        precondition(status == .successful, "a write to a BAR is sent")
      }
      left -= min(left, Self.burst)
      fabric.runUntilIdle()
    }
    precondition(mock.function.counters.memoryWrites - before == UInt64(steps), "every write arrives")
  }

  /// Moves 4 KiB from the mock to host memory by memory writes.
  func dmaWrites(_ steps: Int) { dmaWrites(steps, in: &fabric) }

  private func dmaWrites(_ steps: Int, in fabric: inout Fabric) {
    for _ in 0..<steps {
      let status = mock.writeDMA(address: Self.hostAddress, data: page, in: &fabric)
      precondition(status == .successful, "a function with bus master enable writes")
      fabric.runUntilIdle()
    }
  }

  /// Moves 4 KiB from host memory to the mock by memory reads.
  func dmaReads(_ steps: Int) { dmaReads(steps, in: &fabric) }

  private func dmaReads(_ steps: Int, in fabric: inout Fabric) {
    for _ in 0..<steps {
      let operation = mock.beginDMARead(
        address: Self.hostAddress, count: Self.transferBytes, in: &fabric)
      guard let operation else { preconditionFailure("the mock is connected") }
      // A model is told of the end; to ask after every event would measure the asking.
      repeat { fabric.run(until: fabric.now + Self.patience) } while mock.statusOfDMARead(operation) == nil
      precondition(mock.statusOfDMARead(operation) == .successful, "a read of host memory succeeds")
      mock.function.release(operation)
    }
  }

  /// Whether host memory holds what `dmaWrites` sends and `dmaReads` brings it.
  func movesData() -> Bool {
    dmaWrites(1)
    let start = Int(Self.hostAddress)
    guard Array(rootComplex.core.memory.bytes[start..<start + Self.transferBytes]) == page else {
      return false
    }
    let operation = mock.beginDMARead(
      address: Self.hostAddress, count: Self.transferBytes, in: &fabric)
    guard let operation else { return false }
    while mock.statusOfDMARead(operation) == nil, fabric.step() {}
    return mock.endDMARead(operation) == page
  }
}
