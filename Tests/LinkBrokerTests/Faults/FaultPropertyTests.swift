import PCIe
import Simulation
import Testing

@testable import LinkBroker

@Suite("Random faults over random traffic")
struct FaultPropertyTests {
  /// What one run has left behind.
  private struct Outcome: Hashable {
    var strikes: [FaultStrike]
    var findings: [Finding]
    var histories: [[String]]
    var arrivals: Int
  }

  @Test("nothing traps or leaks, and credits are whole again in the end", arguments: 0..<6)
  func survive(block: Int) {
    for seed in 0..<20 { _ = run(seed: UInt64(block * 20 + seed)) }
  }

  @Test("the same seed gives the same strikes, findings and histories")
  func deterministic() {
    var seen: Set<Outcome> = []
    for seed in UInt64(0)..<12 {
      let first = run(seed: seed)
      #expect(run(seed: seed) == first)
      seen.insert(first)
    }
    #expect(seen.count == 12)
  }

  @Test("every action strikes in some of the runs")
  func reach() {
    var struck: Set<String> = []
    for seed in UInt64(0)..<120 {
      let faults = faults(seed: seed)
      for strike in run(seed: seed).strikes { struck.insert(name(faults[strike.rule].action)) }
    }
    let all = Set((0..<Self.actionCount).map { name(action($0, SeededGenerator(seed: 0))) })
    #expect(struck == all)
  }

  private func name(_ action: LinkFault.Action) -> String {
    String("\(action)".prefix { $0.isLetter })
  }

  /// Random traffic through a switch with three devices, of which some answer.
  private func run(seed: UInt64) -> Outcome {
    let bench = SwitchBench(ports: 3)
    let fabricLinks = [bench.upstreamLink] + bench.links
    bench.fabric.resetMeasurements()
    var generator = SeededGenerator(seed: seed)
    let credits = fabricLinks.flatMap { link in
      [true, false].map { bench.fabric.credits(ofLink: link, downstream: $0) }
    }
    bench.fabric.arm(faults(seed: seed))
    for step in 0..<60 {
      send(bench, step, &generator)
      let pause = VirtualDuration.nanoseconds(generator.below(20_000))
      bench.fabric.run(until: bench.fabric.now + pause)
      if generator.below(10) == 0 { answer(bench, &generator) }
    }
    bench.fabric.run(until: bench.fabric.now + .milliseconds(10))
    bench.fabric.disarm()
    bench.fabric.runUntilIdle()
    bench.fabric.run(until: bench.fabric.now + .milliseconds(1))
    #expect(bench.fabric.payloads.used == 0, "seed \(seed)")
    let left = fabricLinks.flatMap { link in
      [true, false].map { bench.fabric.credits(ofLink: link, downstream: $0) }
    }
    #expect(left == credits, "seed \(seed)")
    return Outcome(
      strikes: bench.fabric.strikes, findings: bench.fabric.findings,
      histories: fabricLinks.map { link in
        bench.fabric.history(ofLink: link).ordered.map {
          "\($0.time) \($0.header) \($0.payloadBytes) \($0.isDownstream) \($0.fate) \($0.fault ?? -1)"
        }
      }, arrivals: (bench.devices + [bench.root]).map(\.arrivals.count).reduce(0, +))
  }

  private func send(_ bench: SwitchBench, _ step: Int, _ generator: inout SeededGenerator) {
    let port = Int(generator.below(3))
    let address = SwitchBench.memory(port) + generator.below(1 << 18) * 4
    let bytes = 4 + Int(generator.below(16)) * 4
    let isCrossing = Int(address & 0xfff) + bytes > 4096
    let aligned = isCrossing ? address & ~0xfff : address
    let tag = UInt16(step)
    let header: TLPHeader
    let sender = generator.below(2) == 0 ? bench.root : bench.devices[Int(generator.below(3))]
    let own =
      bench.devices.firstIndex { $0 === sender }.map(SwitchBench.deviceID) ?? FunctionAddress(rawValue: 8)
    switch generator.below(6) {
    case 0, 1: header = .memoryWrite(address: aligned, bytes: bytes, requester: own)
    case 2, 3: header = .memoryRead(address: aligned, bytes: bytes, requester: own, tag: tag)
    case 4 where sender === bench.root:
      header = .configurationRead(
        of: SwitchBench.deviceID(port), offset: 0, bytes: 4, requester: own, tag: tag, isType1: true)
    case 4: header = .message(.fatalError, requester: own)
    default: header = .atomic(.swap, address: aligned & ~7, operandBytes: 8, requester: own, tag: tag)
    }
    transmit(header, from: sender, bench, interrupt: Int16(generator.below(4)) - 1)
  }

  private func transmit(
    _ header: TLPHeader, from sender: ScriptedNode, _ bench: SwitchBench, interrupt: Int16 = -1
  ) {
    var tlp = FabricTLP(header: header)
    if header.hasData { tlp.payload = bench.fabric.payloads.take(bytes: header.payloadBytes) }
    if header.kind == .memoryWrite { tlp.interrupt = interrupt }
    if let port = sender.port { bench.fabric.send(tlp, from: port) }
  }

  /// Devices answer some of the reads that they have got.
  private func answer(_ bench: SwitchBench, _ generator: inout SeededGenerator) {
    for (port, device) in bench.devices.enumerated() {
      for arrival in device.arrivals.suffix(6) where arrival.header.kind == .memoryRead {
        let request = arrival.header
        let bytes = request.requestedBytes
        let header = TLPHeader.completionWithData(
          of: request, completer: SwitchBench.deviceID(port), address: request.firstByteAddress, bytes: bytes,
          remainingBytes: bytes)
        transmit(header, from: device, bench)
      }
    }
  }

  // The faults of a seed.

  private func faults(seed: UInt64) -> [LinkFault] {
    var generator = SeededGenerator(seed: seed ^ 0xfa)
    return (0..<Int(2 + generator.below(5))).map { _ in fault(&generator) }
  }

  private func fault(_ generator: inout SeededGenerator) -> LinkFault {
    var fault = LinkFault(action(Int(generator.below(UInt64(Self.actionCount))), generator), on: [])
    let directions = (0...Int(generator.below(2))).map { _ in direction(&generator) }
    fault.directions = directions
    fault.seed = generator.next()
    if fault.watchesTraffic {
      fault.selection =
        [
          nil, .nth(1 + generator.below(4)), .every(1 + generator.below(3)),
          .probability(millionths: 300_000),
        ][Int(generator.below(4))]
      fault.match =
        generator.below(2) == 0
        ? .init()
        : .init(
          .tlps([.init(.memoryRead, .completionWithData), .init(.memoryWrite)][Int(generator.below(2))]))
    }
    switch generator.below(4) {
    case 0: fault.start = .time(.microseconds(generator.below(300)))
    case 1: fault.start = .count(1 + generator.below(4), .init(), [direction(&generator)])
    default: break
    }
    if generator.below(2) == 0 { fault.duration = .microseconds(1 + generator.below(2_000)) }
    if fault.watchesTraffic, generator.below(3) == 0 { fault.times = 1 + generator.below(3) }
    return fault
  }

  private func direction(_ generator: inout SeededGenerator) -> LinkFault.Direction {
    LinkFault.Direction(link: Int(generator.below(4)), isDownstream: generator.below(2) == 0)
  }

  private static let actionCount = 13

  private func action(_ number: Int, _ start: SeededGenerator) -> LinkFault.Action {
    var generator = start
    let fields: [LinkFault.Field] = [
      .type, .length, .firstByteEnables, .maxPayload, .address, .requester, .tag, .byteCount, .payload,
    ]
    switch number {
    case 0: return .drop
    case 1: return .delay(.nanoseconds(100) ... .microseconds(1 + generator.below(500)))
    case 2:
      return .hold(
        [.interrupt, .sameRequest, .otherRequest, .tlps(.init(.memoryWrite)), .tlps(.any)][
          Int(generator.below(5))])
    case 3: return .duplicate
    case 4: return .corrupt(fields[Int(generator.below(9))], value: nil)
    case 5: return .poison
    case 6:
      return .respond(
        [.status(.unsupportedRequest), .status(.completerAbort), .status(.requestRetry), .split(64...256)][
          Int(generator.below(4))])
    case 7:
      return .completeUnasked(
        completer: 2, requester: FunctionAddress(rawValue: 8), tag: 200, status: .successful)
    case 8: return .starve([.posted, .nonPosted, .completion][Int(generator.below(3))])
    case 9: return .linkDown
    case 10: return .hang(node: Int(1 + generator.below(4)))
    case 11: return .kill(node: Int(1 + generator.below(4)))
    default: return .signal
    }
  }
}
