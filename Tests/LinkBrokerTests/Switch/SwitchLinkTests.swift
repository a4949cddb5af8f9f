import LinkBroker
import PCIe
import Testing

/// What happens to a switch when its links go down, are reset or disabled.
struct SwitchLinkTests {
  private static func write(_ port: Int) -> TLPHeader {
    .memoryWrite(address: SwitchBench.memory(port), bytes: 4, requester: rootID)
  }

  /// Writes half of a port's Bridge Control register, or its Link Control.
  private static func control(_ bench: SwitchBench, _ port: Int, reset: Bool) {
    bench.write(SwitchBench.portID(port), HeaderRegister.interruptLine, reset ? 1 << 22 : 0)
  }

  @Test func secondaryBusResetReachesOneDevice() {
    let bench = SwitchBench()
    Self.control(bench, 0, reset: true)
    #expect(bench.devices[0].changes == [.hotReset])
    #expect(bench.fabric.state(ofLink: bench.links[0]) == .down)
    Self.control(bench, 0, reset: false)
    #expect(bench.devices[0].changes == [.hotReset, .up])
    #expect(bench.fabric.state(ofLink: bench.links[0]) == .up)
    #expect(bench.devices[1].changes.isEmpty)
    bench.send(Self.write(0))
    #expect(bench.at(0) == [.memoryWrite])
  }

  @Test func secondaryBusResetOfTheSwitchReachesAllDevices() {
    let bench = SwitchBench(ports: 3)
    bench.write(SwitchBench.switchID, HeaderRegister.interruptLine, 1 << 22)
    #expect(bench.devices.map(\.changes) == [[.hotReset], [.hotReset], [.hotReset]])
    bench.write(SwitchBench.switchID, HeaderRegister.interruptLine, 0)
    #expect(bench.devices.allSatisfy { $0.changes == [.hotReset, .up] })
    #expect(bench.read(SwitchBench.portID(0), HeaderRegister.command).map { $0 & 7 } == 7)
  }

  @Test func linkDisableTakesALinkDown() throws {
    let bench = SwitchBench()
    let place = try #require(bench.model.router.functions[1].space.places.express)
    let offset = place + ExpressCapability.Register.linkControl
    bench.write(SwitchBench.portID(0), offset, 1 << 4)
    #expect(bench.devices[0].changes == [.disabled])
    bench.send(.memoryRead(address: SwitchBench.memory(0), bytes: 4, requester: rootID, tag: 77))
    #expect(bench.statusesAtRoot.last == .unsupportedRequest)
    bench.write(SwitchBench.portID(0), offset, 0)
    #expect(bench.devices[0].changes == [.disabled, .up])
  }

  @Test func linkOfThePortShowsItsState() throws {
    let bench = SwitchBench()
    let place = try #require(bench.model.router.functions[1].space.places.express)
    let offset = place + ExpressCapability.Register.linkControl
    func isActive() -> Bool? { bench.read(SwitchBench.portID(0), offset).map { $0 >> 16 & 1 << 13 != 0 } }
    bench.fabric.takeDown(link: bench.links[0], .surpriseDown)
    bench.fabric.runUntilIdle()
    #expect(isActive() == false)
    #expect(bench.model.router.functions[1].space.shows(.surpriseDown))
    #expect(!bench.model.router.functions[2].space.shows(.surpriseDown))
    #expect(bench.fabric.findings.map(\.violation) == [.surpriseDown])
    #expect(bench.fabric.findings.first?.link == bench.links[0])
    bench.fabric.bringUp(link: bench.links[0])
    bench.fabric.runUntilIdle()
    #expect(isActive() == true)
  }

  @Test func resetFromAboveTakesEveryRegisterBack() {
    let bench = SwitchBench()
    bench.fabric.takeDown(link: bench.upstreamLink, .hotReset)
    bench.fabric.bringUp(link: bench.upstreamLink)
    bench.fabric.runUntilIdle()
    #expect(bench.read(SwitchBench.switchID, HeaderRegister.primaryBus) == 0)
    #expect(bench.model.router.functions.allSatisfy { $0.space.command.isEmpty })
    #expect(bench.devices.allSatisfy { $0.changes == [.hotReset, .up] })
    bench.send(Self.write(0))
    #expect(bench.at(0).isEmpty)
  }

  @Test func heldWiresAreForgottenByAReset() {
    let bench = SwitchBench()
    bench.send(SwitchMessageTests.assert(0, from: 0), from: 0)
    bench.fabric.takeDown(link: bench.upstreamLink, .hotReset)
    bench.fabric.bringUp(link: bench.upstreamLink)
    bench.fabric.runUntilIdle()
    bench.root.arrivals.removeAll()
    bench.send(SwitchMessageTests.assert(0, from: 0), from: 0)
    #expect(bench.messagesAtRoot == [.assertInterrupt(line: 0)])
  }

  @Test func oneLinkDownLeavesTheOthersAlone() {
    let bench = SwitchBench(ports: 3)
    bench.fabric.takeDown(link: bench.links[1], .disabled)
    for port in 0..<3 { bench.send(Self.write(port)) }
    #expect(bench.devices.map { $0.arrivals.count } == [1, 0, 1])
    #expect(bench.fabric.payloads.used == 0)
  }
}
