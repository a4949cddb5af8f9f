import LinkBroker
import PCIe
import Simulation
import Testing

@Suite("Credits across link resets")
struct CreditTests {
  @Test("a TLP that is forwarded after its ingress link was down gives no credit back twice")
  func flap() {
    var pair = Pair()
    let advertised = pair.fabric.credits(ofLink: 0, downstream: true)
    pair.device.holds = true
    for index in 0..<4 { pair.send(write(UInt64(index) * 4), payload: [1, 2, 3, 4]) }
    pair.fabric.runUntilIdle()
    #expect(pair.device.held.count == 4)
    let other = ScriptedNode()
    let far = pair.fabric.add(other)
    let link = pair.fabric.connect(
      upstream: (1, 1), downstream: (far, 0), LinkConfiguration())
    pair.fabric.takeDown(link: 0, .disabled)
    pair.fabric.bringUp(link: 0)
    pair.fabric.runUntilIdle()
    let out = pair.fabric.ends(ofLink: link).upstream
    for tlp in pair.device.held { pair.fabric.forward(tlp, from: out) }
    pair.fabric.runUntilIdle()
    #expect(other.arrivals.count == 4)
    #expect(pair.fabric.credits(ofLink: 0, downstream: true) == advertised)
    #expect(pair.fabric.payloads.used == 0)
  }

  @Test("a latency of any length advertises credits and does not overflow")
  func latency() {
    let link = LinkConfiguration(latency: VirtualDuration(picoseconds: .max))
    let credits = CreditPool.advertised(for: link, infiniteCompletions: false)
    #expect(credits.posted.headers > 0 && credits.nonPosted.headers == 32)
  }

  @Test("ID-based ordering does not pass an older write of the same sender that waits behind another's")
  func idBased() {
    let other = FunctionAddress(bus: 7, device: 0, function: 0)
    var pair = Pair()
    pair.device.holds = true
    let credits = Int(pair.fabric.credits(ofLink: 0, downstream: true).posted.headers)
    for index in 0..<credits { pair.send(write(UInt64(index) * 4), payload: [0, 0, 0, 0]) }
    pair.send(.memoryWrite(address: 0, bytes: 4, requester: other), payload: [0, 0, 0, 0])
    pair.send(write(0x100), payload: [0, 0, 0, 0])
    var own = read(0x200, tag: 1)
    own.attributes = .idBasedOrdering
    pair.send(own)
    pair.fabric.runUntilIdle()
    #expect(pair.device.arrivals.count == credits)
    #expect(pair.fabric.findings.isEmpty)
  }
}
