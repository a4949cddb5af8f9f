import LinkBroker
import PCIe
import Simulation
import Testing

@Suite struct OutsidePortTests {
  /// A peer outside as device below a scripted root.
  private struct Bench: ~Copyable {
    var fabric = Fabric()
    let root = ScriptedNode()
    let outside = OutsidePort()
    let link: Int

    init() {
      let upper = fabric.add(root)
      let lower = fabric.add(outside)
      link = fabric.connect(upstream: (upper, 0), downstream: (lower, 0), LinkConfiguration())
    }

    mutating func send(_ header: TLPHeader, _ payload: [UInt8] = []) {
      guard let port = root.port else { return }
      var reference = PayloadReference.none
      if !payload.isEmpty {
        reference = fabric.payloads.take(bytes: payload.count)
        fabric.payloads.write(payload.rawSpan, to: reference)
      }
      fabric.send(FabricTLP(header: header, payload: reference), from: port)
      fabric.runUntilIdle()
    }
  }

  @Test func everythingGoesToThePeerAsItIs() {
    var bench = Bench()
    let target = FunctionAddress(bus: 1, device: 0, function: 0)
    bench.send(
      .configurationWrite(to: target, offset: 4, bytes: 4, requester: requester, tag: 1), [7, 0, 0, 0])
    bench.send(write(0x1000), [1, 2, 3, 4])
    #expect(bench.outside.id == target)
    #expect(bench.outside.outbox.count == 2)
    let first = bench.outside.outbox.first
    let bytes = first.map { bench.fabric.payloads.bytes($0.payload).byteCount }
    #expect(bytes == 4)
    bench.outside.outbox.discard(in: &bench.fabric)
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func whatThePeerSendsArrives() {
    var bench = Bench()
    let refusal = bench.outside.submit(FabricTLP(header: read(0x2000, tag: 4)), in: &bench.fabric)
    #expect(refusal == nil)
    bench.fabric.runUntilIdle()
    #expect(bench.root.arrivals.map(\.header.tag) == [4])
  }

  @Test func peerThatIsNotConnectedIsRefused() {
    var fabric = Fabric()
    let outside = OutsidePort()
    let payload = fabric.payloads.take(bytes: 4)
    let refusal = outside.submit(FabricTLP(header: write(0), payload: payload), in: &fabric)
    #expect(refusal == .unconnected)
    #expect(fabric.payloads.used == 0)
  }

  @Test func linkThatGoesDownForgetsWhatWaits() {
    var bench = Bench()
    bench.send(write(0x1000), [1, 2, 3, 4])
    bench.fabric.takeDown(link: bench.link, .surpriseDown)
    bench.fabric.runUntilIdle()
    let news = bench.outside.outbox.takeNews()
    #expect(news.contains(.link(.surpriseDown)))
    #expect(bench.outside.outbox.count == 0)
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func interruptIsTakenOnceAndFromItsSource() {
    var bench = Bench()
    guard let port = bench.root.port else { return }
    var message = FabricTLP(header: write(0xfee0_0000), payload: bench.fabric.payloads.take(bytes: 4))
    message.interrupt = 3
    bench.fabric.send(message, from: port)
    bench.fabric.runUntilIdle()
    let source = message.header.requesterID
    #expect(bench.outside.interruptCount == 1)
    #expect(!bench.outside.claimInterrupt(vector: 2))
    #expect(!bench.outside.claimInterrupt(vector: 3, from: FunctionAddress(rawValue: ~source.rawValue)))
    #expect(bench.outside.claimInterrupt(vector: 3, from: source))
    #expect(!bench.outside.claimInterrupt(vector: 3))
  }

  @Test func clockMayStandBehindOrBeforeTheEvents() {
    var bench = Bench()
    guard let port = bench.root.port else { return }
    bench.fabric.send(FabricTLP(header: read(0x1000, tag: 1)), from: port)
    let start = bench.fabric.now
    bench.fabric.runEvents(until: start + .microseconds(10))
    #expect(bench.outside.outbox.count == 1)
    #expect(bench.fabric.now < start + .microseconds(10))
    bench.fabric.advance(to: start + .microseconds(10))
    #expect(bench.fabric.now == start + .microseconds(10))
    bench.fabric.advance(to: start)
    #expect(bench.fabric.now == start + .microseconds(10))
  }
}
