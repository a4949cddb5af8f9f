import LinkBroker
import PCIe
import Testing

/// Messages through a switch: interrupt wires, power management, errors.
struct SwitchMessageTests {
  static func assert(_ line: Int, from port: Int) -> TLPHeader {
    .message(MessageCode.assertInterrupt(line: line) ?? .unlock, requester: SwitchBench.deviceID(port))
  }
  static func deassert(_ line: Int, from port: Int) -> TLPHeader {
    .message(MessageCode.deassertInterrupt(line: line) ?? .unlock, requester: SwitchBench.deviceID(port))
  }

  /// - Source: PCI Express Base 5.0, 2.2.8.1 table 2-21: the wire above is wire plus device number, modulo 4.
  @Test(arguments: 0..<4, 0..<4)
  func wireTurnsByDeviceNumber(wire: Int, device: Int) {
    let bench = SwitchBench(ports: 4)
    bench.send(Self.assert(wire, from: device), from: device)
    #expect(bench.messagesAtRoot == [.assertInterrupt(line: (wire + device) % 4)])
    bench.send(Self.deassert(wire, from: device), from: device)
    #expect(bench.messagesAtRoot.last == .deassertInterrupt(line: (wire + device) % 4))
    #expect(bench.root.arrivals.allSatisfy { $0.header.requesterID == SwitchBench.switchID })
    #expect(bench.violations.isEmpty)
  }

  @Test func sharedWireIsAssertedOnceAndReleasedLast() {
    let bench = SwitchBench(ports: 2)
    // INTB of device 0 and INTA of device 1 are INTB above.
    bench.send(Self.assert(1, from: 0), from: 0)
    bench.send(Self.assert(0, from: 1), from: 1)
    #expect(bench.messagesAtRoot == [.assertInterrupt(line: 1)])
    bench.send(Self.deassert(1, from: 0), from: 0)
    #expect(bench.messagesAtRoot == [.assertInterrupt(line: 1)])
    bench.send(Self.deassert(0, from: 1), from: 1)
    #expect(bench.messagesAtRoot == [.assertInterrupt(line: 1), .deassertInterrupt(line: 1)])
  }

  @Test func secondAssertOfOnePortChangesNothing() {
    let bench = SwitchBench()
    bench.send(Self.assert(0, from: 0), from: 0)
    bench.send(Self.assert(0, from: 0), from: 0)
    #expect(bench.messagesAtRoot.count == 1)
  }

  @Test func linkThatGoesDownReleasesItsWires() {
    let bench = SwitchBench()
    bench.send(Self.assert(2, from: 1), from: 1)
    bench.fabric.takeDown(link: bench.links[1], .disabled)
    bench.fabric.runUntilIdle()
    #expect(bench.messagesAtRoot == [.assertInterrupt(line: 3), .deassertInterrupt(line: 3)])
  }

  /// - Source: PCI Express Base 5.0, 7.5.1.3.13, SERR# Enable.
  @Test func errorMessageNeedsTheEnableOfItsPort() {
    let bench = SwitchBench()
    bench.send(.message(.nonFatalError, requester: SwitchBench.deviceID(1)), from: 1)
    #expect(bench.root.arrivals.isEmpty && bench.violations.isEmpty)
  }

  @Test func errorMessageGoesUpAsItIs() {
    let bench = SwitchBench()
    bench.enableErrors()
    let sent = TLPHeader.message(.nonFatalError, requester: SwitchBench.deviceID(1))
    bench.send(sent, from: 1)
    #expect(bench.root.arrivals.map(\.header) == [sent])
  }

  @Test func messageForTheRootComplexDoesNotComeFromAbove() {
    let bench = SwitchBench()
    bench.send(.message(.fatalError, requester: rootID))
    #expect(bench.violations == [.unsupportedRequest])
    #expect(bench.at(0).isEmpty && bench.at(1).isEmpty)
  }

  /// - Source: PCI Express Base 5.0, 5.3.3.2.1: one PME_TO_Ack for all ports.
  @Test func turnOffIsAnsweredWhenAllHaveAnswered() {
    let bench = SwitchBench(ports: 3)
    bench.send(.message(.powerManagementTurnOff, requester: rootID))
    for port in 0..<3 {
      #expect(bench.devices[port].arrivals.map(\.header.messageCode) == [.powerManagementTurnOff])
    }
    for port in 0..<3 {
      #expect(bench.messagesAtRoot.isEmpty)
      bench.send(
        .message(.powerManagementTurnOffAck, requester: SwitchBench.deviceID(port)), from: port)
    }
    #expect(bench.messagesAtRoot == [.powerManagementTurnOffAck])
  }

  @Test func portThatAnswersTwiceDoesNotAnswerForAnother() {
    let bench = SwitchBench(ports: 2)
    bench.send(.message(.powerManagementTurnOff, requester: rootID))
    let answer = TLPHeader.message(.powerManagementTurnOffAck, requester: SwitchBench.deviceID(0))
    bench.send(answer, from: 0)
    bench.send(answer, from: 0)
    #expect(bench.messagesAtRoot.isEmpty)
  }

  @Test func turnOffDoesNotWaitForLinksThatAreDown() {
    let bench = SwitchBench(ports: 3)
    bench.fabric.takeDown(link: bench.links[0], .disabled)
    bench.send(.message(.powerManagementTurnOff, requester: rootID))
    #expect(bench.at(0).isEmpty)
    bench.send(.message(.powerManagementTurnOffAck, requester: SwitchBench.deviceID(1)), from: 1)
    #expect(bench.messagesAtRoot.isEmpty)
    // The last one that could answer goes down instead.
    bench.fabric.takeDown(link: bench.links[2], .disabled)
    bench.fabric.runUntilIdle()
    #expect(bench.messagesAtRoot == [.powerManagementTurnOffAck])
  }

  @Test func turnOffWithEveryLinkDownIsAnsweredAtOnce() {
    let bench = SwitchBench(ports: 1)
    bench.fabric.takeDown(link: bench.links[0], .disabled)
    bench.send(.message(.powerManagementTurnOff, requester: rootID))
    #expect(bench.messagesAtRoot == [.powerManagementTurnOffAck])
  }
}
