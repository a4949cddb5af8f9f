import PCIe
import Simulation
import Testing

@testable import LinkBroker

@Suite("Random noise on frames")
struct FramePropertyTests {
  /// Loses, spoils, doubles, delays and refuses frames at random, up to a number of them.
  final class Noise: FrameDisturbance {
    private var generator: SeededGenerator
    private var left: Int
    private(set) var done = 0
    private(set) var log: [String] = []

    init(seed: UInt64, count: Int) {
      generator = SeededGenerator(seed: seed)
      left = count
    }

    func touch(_ frame: inout LinkFrame, link: Int, isDownstream: Bool) {
      log.append("\(isDownstream) \(frame.dllp ?? 0) \(frame.sequence) \(frame.isReplay)")
      let drawn = generator.below(100)
      guard left > 0, drawn < 14 else { return }
      left -= 1
      done += 1
      switch drawn {
      case 0..<4: frame.isLost = true
      case 4..<7: frame.check = .bad
      case 7..<9: frame.isDoubled = true
      case 9..<10: frame.delay = .nanoseconds(generator.below(5000))
      case 10..<11: frame.isRefused = frame.dllp == nil
      case 11..<12: frame.check = frame.dllp == nil ? .nullified : .bad
      case 12..<13: frame.check = frame.dllp == nil ? .endBad : .bad
      default:
        if frame.dllp == nil { frame.sequence = (frame.sequence + 1500) & 0xfff } else { frame.isLost = true }
      }
    }
  }

  struct Outcome: Hashable {
    var log: [String]
    var findings: [Finding]
    var end: VirtualTime
  }

  @Test("every TLP arrives once and in order, credits come back, replays are bounded", arguments: 0..<40)
  func survive(seed: UInt64) { _ = run(seed: seed) }

  @Test("the same seed is the same run, another seed another one")
  func deterministic() {
    var seen: Set<Outcome> = []
    for seed in UInt64(0)..<6 {
      let first = run(seed: seed)
      #expect(run(seed: seed) == first)
      seen.insert(first)
    }
    #expect(seen.count == 6)
  }

  private func run(seed: UInt64) -> Outcome {
    var generator = SeededGenerator(seed: seed)
    let noise = Noise(seed: seed &* 77, count: 60)
    let speeds: [LinkSpeed] = [.gt2Point5, .gt8, .gt32]
    var configuration = LinkConfiguration(
      speed: speeds[Int(generator.below(3))], width: 1 << Int(generator.below(5)), layer: .dataLink)
    configuration.computesLinkCRC = seed % 4 == 0
    var pair = Pair(configuration, deviceTakesEveryCompletion: false)
    pair.fabric.disturbFrames(by: noise)
    var sent: [Bool: [UInt64]] = [true: [], false: []]
    for number in 0..<300 {
      let isDown = generator.below(2) == 0
      let address = UInt64(number) * 4096
      let bytes = 4 + Int(generator.below(64)) * 4
      sent[isDown]?.append(address)
      pair.send(
        write(address, bytes: bytes),
        payload: (0..<bytes).map { UInt8(truncatingIfNeeded: number &+ $0) },
        from: isDown ? pair.root : pair.device)
      if generator.below(4) == 0 {
        pair.fabric.run(until: pair.fabric.now + .nanoseconds(generator.below(3000)))
      }
    }
    pair.fabric.runUntilIdle()
    #expect(pair.device.arrivals.map(\.header.address) == sent[true], "seed \(seed)")
    #expect(pair.root.arrivals.map(\.header.address) == sent[false], "seed \(seed)")
    for arrival in pair.device.arrivals + pair.root.arrivals {
      let number = Int(arrival.header.address / 4096)
      #expect(arrival.payload.enumerated().allSatisfy { $1 == UInt8(truncatingIfNeeded: number &+ $0) })
    }
    expectRest(pair, noise, seed)
    return Outcome(log: noise.log, findings: pair.fabric.findings, end: pair.fabric.now)
  }

  private func expectRest(_ pair: borrowing Pair, _ noise: Noise, _ seed: UInt64) {
    #expect(noise.done > 0)
    #expect(pair.fabric.payloads.used == 0, "seed \(seed)")
    for down in [true, false] {
      let port = down ? 0 : 1
      #expect(pair.fabric.ports[port].transmitter.buffer.count == 0, "seed \(seed)")
      for place in 0..<3 where !pair.fabric.ports[port ^ 1].credits.receive[place].isInfinite {
        let receive = pair.fabric.ports[port ^ 1].credits.receive[place]
        #expect(pair.fabric.ports[port].credits.transmit[place].limit == receive.allocated, "seed \(seed)")
        #expect(pair.fabric.ports[port].credits.transmit[place].consumed == receive.received, "seed \(seed)")
      }
      // Each disturbance costs at most a Nak's replay and those of the timer until the frame is through.
      let replays = pair.fabric.counters(ofLink: 0, downstream: down).replays
      #expect(replays <= UInt64(4 * noise.done), "seed \(seed)")
    }
    let allowed: Set<Violation> = [.badTLP, .badDLLP, .replayTimeout, .replayRollover]
    #expect(pair.fabric.findings.allSatisfy { allowed.contains($0.violation) }, "seed \(seed)")
  }
}
