import PCIe
import Simulation
import Testing

@testable import LinkBroker

@Suite("Runs that nothing can come of")
struct LivelockTests {
  private static let writes = LinkFault.Match(.tlps(.init(.memoryWrite)))

  private static func below(
    _ action: LinkFault.Action, _ match: LinkFault.Match = writes,
    on directions: [LinkFault.Direction] = FaultBench.down
  ) -> LinkFault {
    LinkFault(action, on: directions, layer: .dataLink, match: match, selection: .every(1), seed: 7)
  }

  static let endless: [(String, LinkFault)] = [
    ("no LCRC is right", below(.corrupt(.linkCRC, value: nil))),
    ("no number is right", below(.corrupt(.sequence, value: nil))),
    ("no TLP arrives", below(.drop)),
    ("all TLPs get a Nak", below(.nak)),
    ("no Ack arrives", below(.drop, .init(.dllps(.ack)), on: FaultBench.up)),
    ("no Ack is known", below(.corrupt(.type, value: nil), .init(.dllps(.ack)), on: FaultBench.up)),
  ]

  @Test("a link that is retrained for ever ends the run", arguments: endless)
  func retraining(name: String, fault: LinkFault) throws {
    var pair = Pair.dataLink(ScriptedChannel())
    pair.fabric.arm([fault])
    pair.sendWrites(1...1)
    pair.fabric.runUntilIdle()
    let found = pair.fabric.livelock
    let livelock = try #require(found, "\(name)")
    #expect(livelock.cause == .retraining(link: 0, times: 10_000))
    #expect(livelock.rule == 0 && livelock.link == 0 && livelock.events < 10_000_000)
    #expect(pair.fabric.now < .zero + .seconds(1))
    #expect(pair.fabric.nextTime == nil && !pair.fabric.step())
    let now = pair.fabric.now
    let goesOn = pair.fabric.runEvents(until: now + .seconds(1))
    #expect(!goesOn)
    pair.fabric.advance(to: now + .seconds(1))
    pair.fabric.run(until: now + .seconds(100))
    #expect(pair.fabric.livelock == livelock)
  }

  @Test("whoever gets on meanwhile renews the patience with a link")
  func renewed() {
    var pair = Pair.dataLink(ScriptedChannel())
    pair.fabric.arm([Self.below(.corrupt(.linkCRC, value: nil))])
    pair.sendWrites(1...1)
    for _ in 0..<5 {
      pair.fabric.run(until: pair.fabric.now + .milliseconds(80))
      pair.fabric.renewPatience()
    }
    #expect(pair.fabric.livelock == nil)
    #expect(pair.counters(down: true).retrains > 10_000)
  }

  @Test("credits that are never heard of are waited for, but not for ever")
  func updates() throws {
    var pair = Pair.dataLink(ScriptedChannel())
    pair.fabric.arm([Self.below(.drop, .init(.dllps(.updateFC)), on: FaultBench.up)])
    pair.sendWrites(1...100)
    pair.fabric.runUntilIdle()
    #expect(pair.fabric.livelock?.cause == .retraining(link: 0, times: 10_000))
    #expect(pair.fabric.livelock?.rule == 0)
  }

  @Test("a fault that ends is borne until then")
  func ends() {
    var fault = Self.below(.corrupt(.linkCRC, value: nil))
    fault.duration = .milliseconds(400)
    var pair = Pair.dataLink(ScriptedChannel())
    pair.fabric.arm([fault])
    pair.sendWrites(1...1)
    pair.fabric.runUntilIdle()
    #expect(pair.fabric.livelock == nil)
    #expect(pair.numbers == [1])
    #expect(pair.counters(down: true).retrains > 10_000)
  }

  @Test(
    "the lanes do not fill with replays while a frame is late", arguments: [nil, LinkFault.DLLPKinds.ack])
  func late(kind: LinkFault.DLLPKinds?) {
    let by = VirtualDuration.milliseconds(50)
    var pair = Pair.dataLink(ScriptedChannel())
    let match = kind.map { LinkFault.Match(.dllps($0)) } ?? Self.writes
    pair.fabric.arm([Self.below(.delay(by...by), match, on: kind == nil ? FaultBench.down : FaultBench.up)])
    pair.sendWrites(1...4)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == [1, 2, 3, 4])
    #expect(pair.fabric.livelock == nil)
    // Four replays, then the retrain waits for what is on the lanes.
    #expect(pair.counters(down: true).replays <= 8 && pair.counters(down: true).retrains <= 2)
    #expect(pair.fabric.payloads.used == 0)
  }

  @Test("a link whose InitFC DLLPs get no answer does not come up, and the run ends")
  func initialization() {
    let channel = ScriptedChannel { frame, seen, _ in
      if !seen.isDownstream, seen.name.hasPrefix("InitFC") { frame.isLost = true }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...1)
    pair.fabric.runUntilIdle()
    #expect(pair.fabric.livelock?.cause == .initializing(link: 0, rounds: 10_000))
    #expect(pair.fabric.livelock?.rule == nil)
  }

  /// Sets one timer after the other, and sends a write with each where it has a port.
  private final class Restless: FabricNode {
    let pause: VirtualDuration
    var port: FabricPort?
    let takesEveryCompletion = true

    init(pause: VirtualDuration) { self.pause = pause }

    func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) { self.port = port }

    func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition { .consumed }

    func respond(
      to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
    ) -> TLPDisposition { .consumed }

    func completerID(at port: Int) -> FunctionAddress { FunctionAddress(rawValue: 0) }

    func timerFired(_ token: UInt64, in fabric: inout Fabric) {
      fabric.setTimer(after: pause, node: 0, token: token)
      if pause > .zero, let port {
        fabric.send(FabricTLP(header: .message(.assertINTA, requester: requester)), from: port)
      }
    }

    func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {}
    func portDetected(_ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric) {}
  }

  private static func fabric(_ node: Restless) -> Fabric {
    var fabric = Fabric()
    let upper = fabric.add(node)
    let lower = fabric.add(ScriptedNode())
    _ = fabric.connect(upstream: (upper, 0), downstream: (lower, 0), LinkConfiguration())
    fabric.setTimer(after: .microseconds(1), node: 0, token: 1)
    return fabric
  }

  @Test("events without end at one instant end the run")
  func standstill() {
    var fabric = Self.fabric(Restless(pause: .zero))
    fabric.runUntilIdle()
    #expect(fabric.livelock?.cause == .standstill)
    #expect(fabric.now == .zero + .microseconds(1))
  }

  @Test("no more strikes are kept than memory is to hold")
  func flood() throws {
    var fabric = Self.fabric(Restless(pause: .microseconds(1)))
    fabric.arm([
      LinkFault(.drop, on: FaultBench.down, selection: .nth(3)),
      LinkFault(.drop, on: FaultBench.down, selection: .every(1)),
    ])
    fabric.runUntilIdle()
    let found = fabric.livelock
    let livelock = try #require(found)
    guard case .flood(let entries) = livelock.cause else {
      Issue.record("\(livelock)")
      return
    }
    #expect(entries >= 1 << 18 && entries < 1 << 19)
    #expect(livelock.rule == 1 && fabric.strikes.count <= entries)
  }
}
