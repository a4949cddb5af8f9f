import LinkBroker
import PCIe
import Testing

/// Where a switch sends what is routed by ID: completions, and messages to one function.
struct SwitchCompletionTests {
  private static func completion(
    for requester: FunctionAddress, by completer: FunctionAddress
  ) -> TLPHeader {
    .completion(
      of: .memoryRead(address: 0, bytes: 4, requester: requester, tag: 5), status: .successful,
      completer: completer)
  }

  @Test func upToWhoeverIsNotBelow() {
    let bench = SwitchBench()
    let sent = Self.completion(for: rootID, by: SwitchBench.deviceID(0))
    bench.send(sent, from: 0)
    #expect(bench.root.arrivals.map(\.header) == [sent])
  }

  @Test func acrossToAPeer() {
    let bench = SwitchBench()
    let sent = Self.completion(for: SwitchBench.deviceID(1), by: SwitchBench.deviceID(0))
    bench.send(sent, from: 0)
    #expect(bench.devices[1].arrivals.map(\.header) == [sent])
    #expect(bench.root.arrivals.isEmpty)
  }

  @Test func downToTheBusThatHoldsTheRequester() {
    let bench = SwitchBench()
    let sent = Self.completion(for: SwitchBench.deviceID(1), by: rootID)
    bench.send(sent)
    #expect(bench.devices[1].arrivals.map(\.header) == [sent])
  }

  /// Bus Master Enable rules requests only: answers to the host pass without it.
  @Test func withoutBusMasterEnable() {
    let bench = SwitchBench()
    bench.write(SwitchBench.portID(0), HeaderRegister.command, 3)
    bench.write(SwitchBench.switchID, HeaderRegister.command, 3)
    bench.root.arrivals.removeAll()
    bench.send(Self.completion(for: rootID, by: SwitchBench.deviceID(0)), from: 0)
    #expect(bench.atRoot == [.completion])
  }

  @Test(arguments: [
    FunctionAddress(bus: 9, device: 0, function: 0), SwitchBench.switchID, SwitchBench.portID(1),
  ])
  func fromAboveForNobodyIsUnexpected(requester: FunctionAddress) {
    let bench = SwitchBench()
    bench.send(Self.completion(for: requester, by: rootID))
    #expect(bench.violations == [.unexpectedCompletion])
    #expect(bench.at(0).isEmpty && bench.at(1).isEmpty)
    // Nothing answers a completion but, where enabled, an error message.
    #expect(bench.statusesAtRoot.isEmpty)
    #expect(!bench.model.router.functions[0].space.deviceStatus.isDisjoint(with: .correctableError))
  }

  @Test func fromBelowForItsOwnBusIsUnexpected() {
    let bench = SwitchBench()
    bench.send(Self.completion(for: SwitchBench.deviceID(0), by: SwitchBench.deviceID(0)), from: 0)
    #expect(bench.violations == [.unexpectedCompletion])
    #expect(bench.at(0).isEmpty && bench.root.arrivals.isEmpty)
  }

  @Test func messageByIDGoesToItsFunction() {
    let bench = SwitchBench()
    let sent = TLPHeader.vendorMessage(
      .vendorDefinedType1, vendorID: 0x1234, routing: .byID, requester: rootID,
      target: SwitchBench.deviceID(1))
    bench.send(sent)
    #expect(bench.devices[1].arrivals.map(\.header) == [sent])
    #expect(bench.at(0).isEmpty)
  }

  @Test func broadcastCarriesItsDataToEveryPort() {
    let bench = SwitchBench(ports: 3)
    let sent = TLPHeader.vendorMessage(
      .vendorDefinedType1, vendorID: 0x1234, routing: .broadcastFromRootComplex, requester: rootID,
      lengthDW: 2)
    bench.send(sent, [1, 2, 3, 4, 5, 6, 7, 8])
    for device in bench.devices {
      #expect(device.arrivals.map(\.header) == [sent])
      #expect(device.arrivals.first?.payload == [1, 2, 3, 4, 5, 6, 7, 8])
    }
    #expect(bench.violations.isEmpty)
    #expect(bench.fabric.payloads.used == 0)
  }
}
