import LinkBroker
import PCIe
import Testing

/// Downstream Port Containment of a switch's ports.
///
/// - Source: PCI Express Base 5.0, 6.2.10 and 7.9.15.
struct ContainmentTests {
  typealias Register = DownstreamPortContainmentCapability.Register
  static let port = SwitchBench.portID(0)

  /// Device Control enables all reports, DPC Control is given.
  static func bench(_ control: UInt32) -> SwitchBench {
    let bench = SwitchBench()
    bench.enableErrors()
    bench.writeExtended(port, .downstreamPortContainment, Register.capabilities, control << 16)
    bench.root.arrivals.removeAll()
    return bench
  }

  static func status(_ bench: SwitchBench) throws -> UInt16 {
    let space = bench.space(port)
    return space.word(try #require(space.places[.downstreamPortContainment]) + Register.status)
  }

  struct Trigger: Sendable {
    var enable: UInt32
    var message: MessageCode
    /// The status register, nil when the message passes.
    var status: UInt16?
  }

  static let triggers = [
    Trigger(enable: 0, message: .fatalError, status: nil),
    Trigger(enable: 1, message: .fatalError, status: 1 | 2 << 1),
    Trigger(enable: 1, message: .nonFatalError, status: nil),
    Trigger(enable: 2, message: .nonFatalError, status: 1 | 1 << 1),
    Trigger(enable: 2, message: .fatalError, status: 1 | 2 << 1),
    Trigger(enable: 2, message: .correctableError, status: nil),
  ]

  @Test("a message contains the link by the trigger enable, and goes no further then", arguments: triggers)
  func messages(trigger: Trigger) throws {
    let bench = Self.bench(trigger.enable)
    bench.send(.message(trigger.message, requester: SwitchBench.deviceID(0)), from: 0)
    #expect(try Self.status(bench) == trigger.status ?? 0)
    #expect(bench.messagesAtRoot == (trigger.status == nil ? [trigger.message] : []))
    let isUp = bench.fabric.state(ofLink: bench.links[0]) == .up
    #expect(isUp == (trigger.status == nil))
    guard trigger.status != nil else { return }
    let space = bench.space(Self.port)
    let place = try #require(space.places[.downstreamPortContainment])
    #expect(space.word(place + Register.errorSourceID) == SwitchBench.deviceID(0).rawValue)
    // Not a surprise.
    #expect(!space.recordedErrors.contains(.surpriseDown))
    #expect(bench.devices[0].changes == [.disabled])
  }

  @Test("an own uncorrectable error contains, and is recorded but not signalled")
  func ownError() throws {
    let bench = Self.bench(2)
    // A write up for the port's own memory leads nowhere.
    bench.send(
      .memoryWrite(address: SwitchBench.memory(0), bytes: 4, requester: SwitchBench.deviceID(0)), from: 0)
    #expect(try Self.status(bench) == 1)
    #expect(bench.space(Self.port).recordedErrors.violations == [.unsupportedRequest])
    #expect(bench.messagesAtRoot.isEmpty)
  }

  @Test("an advisory error does not contain")
  func advisory() throws {
    let bench = Self.bench(2)
    bench.send(
      .memoryRead(address: SwitchBench.memory(0), bytes: 4, requester: SwitchBench.deviceID(0), tag: 1),
      from: 0)
    #expect(try Self.status(bench) == 0)
    #expect(bench.messagesAtRoot == [.correctableError])
  }

  @Test("a masked error does not contain")
  func masked() throws {
    let bench = Self.bench(2)
    bench.writeExtended(
      Self.port, .advancedErrorReporting, AdvancedErrorReportingCapability.Register.uncorrectableMask, 1 << 20
    )
    bench.send(
      .memoryWrite(address: SwitchBench.memory(0), bytes: 4, requester: SwitchBench.deviceID(0)), from: 0)
    #expect(try Self.status(bench) == 0)
  }

  @Test("surprise down is a fatal error of the port, and contains")
  func surpriseDown() throws {
    let bench = Self.bench(1)
    bench.fabric.takeDown(link: bench.links[0], .surpriseDown)
    bench.fabric.runUntilIdle()
    #expect(try Self.status(bench) == 1)
    bench.fabric.bringUp(link: bench.links[0])
    bench.fabric.runUntilIdle()
    #expect(bench.fabric.state(ofLink: bench.links[0]) == .down)
  }

  @Test("outstanding requests end as DPC Completion Control says", arguments: [false, true])
  func completions(isUnsupported: Bool) {
    let bench = Self.bench(1 | (isUnsupported ? 1 << 2 : 0))
    bench.send(.memoryRead(address: SwitchBench.memory(0), bytes: 4, requester: rootID, tag: 77))
    bench.send(.message(.fatalError, requester: SwitchBench.deviceID(0)), from: 0)
    let status: CompletionStatus = isUnsupported ? .unsupportedRequest : .completerAbort
    #expect(bench.statusesAtRoot == [status])
    bench.send(.memoryRead(address: SwitchBench.memory(0), bytes: 4, requester: rootID, tag: 78))
    bench.send(.memoryWrite(address: SwitchBench.memory(0), bytes: 4, requester: rootID))
    #expect(bench.statusesAtRoot == [status, status])
    #expect(bench.at(0) == [.memoryRead])
  }

  @Test("software triggers it, once DPC is on")
  func software() throws {
    let off = Self.bench(0)
    off.writeExtended(Self.port, .downstreamPortContainment, Register.capabilities, 1 << 22)
    #expect(try Self.status(off) == 0)
    let bench = Self.bench(1)
    bench.writeExtended(Self.port, .downstreamPortContainment, Register.capabilities, (1 | 1 << 6) << 16)
    #expect(try Self.status(bench) == 1 | 3 << 1 | 1 << 5)
    #expect(bench.read(Self.port, 0) != nil)
    let place = try #require(bench.space(Self.port).places[.downstreamPortContainment])
    // The trigger reads as zero.
    #expect(bench.read(Self.port, place + Register.capabilities).map { $0 >> 22 & 1 } == 0)
  }

  @Test("the link stays down until software clears the status, and comes up then")
  func release() throws {
    let bench = Self.bench(1)
    bench.send(.message(.fatalError, requester: SwitchBench.deviceID(0)), from: 0)
    bench.fabric.bringUp(link: bench.links[0])
    bench.fabric.runUntilIdle()
    #expect(bench.fabric.state(ofLink: bench.links[0]) == .down)
    bench.writeExtended(Self.port, .downstreamPortContainment, Register.status, 1)
    #expect(try Self.status(bench) & 1 == 0)
    #expect(bench.fabric.state(ofLink: bench.links[0]) == .up)
    bench.send(.memoryWrite(address: SwitchBench.memory(0), bytes: 4, requester: rootID))
    #expect(bench.at(0) == [.memoryWrite])
    // It triggers again.
    bench.send(.message(.fatalError, requester: SwitchBench.deviceID(0)), from: 0)
    #expect(try Self.status(bench) & 1 == 1)
  }

  @Test("interrupt and ERR_COR tell of it where enabled")
  func tells() throws {
    let bench = Self.bench(1 | 1 << 3 | 1 << 4)
    let space = bench.space(Self.port)
    let msi = try #require(space.places.msi)
    bench.write(Self.port, msi + 4, 0xfee0_0000)
    bench.write(Self.port, msi + 12, 0x42)
    bench.write(Self.port, msi, 1 << 16)
    bench.root.arrivals.removeAll()
    bench.send(.message(.fatalError, requester: SwitchBench.deviceID(0)), from: 0)
    #expect(try Self.status(bench) & 1 << 3 != 0)
    #expect(bench.messagesAtRoot == [.correctableError])
    let write = try #require(bench.root.arrivals.first { $0.header.kind == .memoryWrite })
    #expect(write.header.address == 0xfee0_0000 && write.header.requesterID == Self.port)
    #expect(write.payload == [0x42, 0, 0, 0])
  }

  @Test("neither hot reset nor Link Disable is a surprise, and the slot notes the change")
  func noSurprise() throws {
    for register in [HeaderRegister.bridgeControl, 0] {
      let bench = Self.bench(2)
      let place = try #require(bench.space(Self.port).places.express)
      if register != 0 {
        bench.write(Self.port, HeaderRegister.interruptLine, 1 << 22)
      } else {
        bench.writeExpress(Self.port, ExpressCapability.Register.linkControl, 1 << 4)
      }
      #expect(bench.fabric.state(ofLink: bench.links[0]) == .down)
      #expect(bench.space(Self.port).recordedErrors.isEmpty)
      #expect(try Self.status(bench) == 0)
      #expect(bench.space(Self.port).word(place + ExpressCapability.Register.slotStatus) & 1 << 8 != 0)
    }
  }
}
