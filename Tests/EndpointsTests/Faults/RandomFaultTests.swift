import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

/// Random faults among models that react: a root complex, a switch, a memory-mock and a dma-endpoint.
@Suite("Random faults among models")
struct RandomFaultTests {
  @Test(
    "the run ends, and when all is quiet payloads and credits are whole",
    arguments: [LinkLayer.transaction, .dataLink], 0..<4)
  func survive(layer: LinkLayer, block: UInt64) throws {
    for seed in block * 12..<block * 12 + 12 { _ = try RandomFaultRun.run(seed: seed, layer: layer) }
  }

  @Test(
    "the same seed is the same run, another seed another one",
    arguments: [LinkLayer.transaction, .dataLink])
  func deterministic(layer: LinkLayer) throws {
    var seen: Set<RandomFaultRun.Outcome> = []
    for seed in UInt64(100)..<105 {
      let first = try RandomFaultRun.run(seed: seed, layer: layer)
      #expect(try RandomFaultRun.run(seed: seed, layer: layer) == first)
      seen.insert(first)
    }
    #expect(seen.count == 5)
  }

  @Test("every kind of fault strikes in some of the runs")
  func reach() throws {
    var struck: Set<Int> = []
    for seed in UInt64(0)..<60 {
      let outcome = try RandomFaultRun.run(seed: seed, layer: .dataLink)
      for strike in outcome.strikes { struck.insert(outcome.kinds[strike.rule]) }
    }
    #expect(struck == Set(0..<RandomFault.kindCount))
  }
}

/// One random run.
enum RandomFaultRun {
  /// What it has left behind.
  struct Outcome: Hashable {
    var strikes: [FaultStrike]
    var findings: [Finding]
    var statuses: [RequestStatus?]
    var livelock: Livelock?
    /// The kind of each fault, in the order of the faults.
    var kinds: [Int]
  }

  static func run(seed: UInt64, layer: LinkLayer) throws -> Outcome {
    let hierarchy = Hierarchy(layer: layer)
    let far = try MemoryMock.with(4096, msix: 2)
    let dma = try DMAEndpoint(DMAEndpointConfiguration())
    let model = Switch(downstreamPorts: 2)
    hierarchy.add(try MemoryMock.with(4096))
    let upper = hierarchy.add(model).node
    hierarchy.add(far, below: upper, port: 1)
    hierarchy.add(dma, below: upper, port: 2)
    hierarchy.fabric.run(until: .zero + .milliseconds(1))
    try hierarchy.enumerate()
    hierarchy.fabric.runUntilIdle()
    let credits = credits(hierarchy)
    var generator = SeededGenerator(seed: seed)
    let faults = (0..<Int(1 + generator.below(4))).map { _ in RandomFault.draw(&generator, layer: layer) }
    hierarchy.fabric.arm(faults.map(\.fault))
    var traffic = RandomTraffic(hierarchy, far: far)
    for _ in 0..<60 {
      traffic.begin(&generator)
      let pause = VirtualDuration.nanoseconds(generator.below(5_000))
      hierarchy.fabric.run(until: hierarchy.fabric.now + pause)
    }
    hierarchy.fabric.run(until: hierarchy.fabric.now + .milliseconds(120))
    hierarchy.fabric.disarm()
    hierarchy.fabric.runUntilIdle()
    // The last credits are on their way back.
    hierarchy.fabric.run(until: hierarchy.fabric.now + .milliseconds(1))
    let outcome = Outcome(
      strikes: hierarchy.fabric.strikes, findings: hierarchy.fabric.findings, statuses: traffic.finish(),
      livelock: hierarchy.fabric.livelock, kinds: faults.map(\.kind))
    // What has given up keeps what it has.
    guard outcome.livelock == nil else { return outcome }
    #expect(hierarchy.fabric.payloads.used == 0, "seed \(seed)")
    #expect(self.credits(hierarchy) == credits, "seed \(seed)")
    #expect(!outcome.statuses.contains(nil), "seed \(seed)")
    return outcome
  }

  private static func credits(_ hierarchy: Hierarchy) -> [CreditPool] {
    (0..<hierarchy.fabric.linkCount).flatMap { link in
      [true, false].map { hierarchy.fabric.credits(ofLink: link, downstream: $0) }
    }
  }
}

/// Reads and writes from both sides, in flight together.
struct RandomTraffic {
  private let hierarchy: Hierarchy
  private let far: MemoryMock
  private var reads: [RequestOperation] = []
  private var transfers: [RequestOperation] = []

  init(_ hierarchy: Hierarchy, far: MemoryMock) {
    self.hierarchy = hierarchy
    self.far = far
  }

  mutating func begin(_ generator: inout SeededGenerator) {
    let count = 4 + Int(generator.below(128)) * 4
    let functions = hierarchy.functions.filter { !$0.bars.isEmpty }
    let function = functions[Int(generator.below(UInt64(functions.count)))]
    let base = function.bars[0].address + 128 + generator.below(64) * 8
    let data = [UInt8](repeating: UInt8(truncatingIfNeeded: count), count: count)
    switch generator.below(6) {
    case 0, 1: _ = hierarchy.root.write(address: base, data: data, in: &hierarchy.fabric)
    case 2, 3:
      reads.append(hierarchy.root.beginRead(address: base, count: count, in: &hierarchy.fabric))
    case 4: _ = far.writeDMA(address: 0x1000 + generator.below(512) * 8, data: data, in: &hierarchy.fabric)
    default:
      let address = 0x1000 + generator.below(512) * 8
      // Nothing begins where bus mastering is off, as after a link has been down.
      let begun = far.beginDMARead(address: address, count: count, timeout: nil, in: &hierarchy.fabric)
      if let begun { transfers.append(begun) }
    }
  }

  /// How all requests have ended; nil for one that has not.
  mutating func finish() -> [RequestStatus?] {
    reads.map { hierarchy.root.status(of: $0) } + transfers.map { far.statusOfDMARead($0) }
  }
}

/// A fault drawn at random.
struct RandomFault {
  var kind: Int
  var fault: LinkFault

  static let kindCount = 16
  /// The kinds that strike above Ack and Nak, or make a condition.
  private static let transactionKinds = 11

  static func draw(_ generator: inout SeededGenerator, layer: LinkLayer) -> RandomFault {
    let kinds = layer == .dataLink ? kindCount : transactionKinds
    let kind = Int(generator.below(UInt64(kinds)))
    let direction = LinkFault.Direction(
      link: Int(generator.below(4)), isDownstream: generator.below(2) == 0)
    var fault = LinkFault(action(kind, &generator), on: [direction], seed: generator.next())
    if kind >= transactionKinds { fault.layer = .dataLink }
    switch fault.action {
    case .starve, .linkDown, .hang:
      fault.start = .time(.nanoseconds(generator.below(200_000)))
      fault.duration = .nanoseconds(1_000 + generator.below(20_000_000))
      return RandomFault(kind: kind, fault: fault)
    default: break
    }
    if kind == kindCount - 1 { fault.match = .init(.dllps(.any)) }
    fault.selection =
      [.nth(1 + generator.below(6)), .every(1 + generator.below(3)), .probability(millionths: 300_000)][
        Int(generator.below(3))]
    // What never ends below Ack and Nak ends the run, and has tests of its own.
    switch generator.below(fault.layer == .dataLink ? 2 : 3) {
    case 0: fault.duration = .nanoseconds(1_000 + generator.below(3_000_000))
    case 1: fault.times = 1 + generator.below(5)
    default: break
    }
    return RandomFault(kind: kind, fault: fault)
  }

  private static func action(_ kind: Int, _ generator: inout SeededGenerator) -> LinkFault.Action {
    let fields: [LinkFault.Field] = [
      .type, .length, .firstByteEnables, .maxPayload, .address, .requester, .tag, .byteCount, .payload,
    ]
    let delay =
      VirtualDuration.nanoseconds(100)
      ... .nanoseconds(200 + generator.below(generator.below(3) == 0 ? 80_000_000 : 50_000))
    let drawn = Int(generator.below(12))
    switch kind {
    case 0: return .drop
    case 1: return .delay(delay)
    case 2: return .hold([.sameRequest, .otherRequest, .tlps(.init(.memoryWrite)), .tlps(.any)][drawn % 4])
    case 3: return .duplicate
    case 4, 5: return .corrupt(fields[drawn % 9], value: nil)
    case 6: return .poison
    case 7:
      return .respond(
        [.status(.unsupportedRequest), .status(.completerAbort), .status(.requestRetry), .split(64...256)][
          drawn % 4])
    case 8: return .starve([.posted, .nonPosted, .completion][drawn % 3])
    case 9: return .linkDown
    case 10: return .hang(node: [1, 2, 3, 4][drawn % 4])
    case 11: return .corrupt([.linkCRC, .sequence, .length][drawn % 3], value: nil)
    case 12: return .duplicate
    case 13: return .nak
    case 14: return .delay(delay)
    default: return [.drop, .corrupt(.linkCRC, value: nil), .corrupt(.type, value: nil)][drawn % 3]
    }
  }
}
