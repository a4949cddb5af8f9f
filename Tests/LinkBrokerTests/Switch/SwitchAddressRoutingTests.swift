import LinkBroker
import PCIe
import Testing

/// Where a switch sends requests that are routed by address.
struct SwitchAddressRoutingTests {
  static func write(_ address: UInt64, from port: Int? = nil) -> TLPHeader {
    .memoryWrite(address: address, bytes: 4, requester: port.map(SwitchBench.deviceID) ?? rootID)
  }

  @Test(arguments: [
    (0x9000_0000, 0), (0x900f_fffc, 0), (0x9010_0000, 1), (0x901f_fffc, 1), (0x40_0000_0000, 0),
    (0x40_000f_fffc, 0),
  ])
  func requestFromAboveGoesToTheWindowThatHoldsIt(address: UInt64, port: Int) {
    let bench = SwitchBench()
    let sent = Self.write(address)
    bench.send(sent)
    #expect(bench.devices[port].arrivals.map(\.header) == [sent])
    #expect(bench.devices[port].arrivals.first?.payload == [0x5a, 0x5a, 0x5a, 0x5a])
    #expect(bench.at(1 - port).isEmpty)
    #expect(bench.violations.isEmpty)
  }

  @Test(arguments: [0x8fff_fffc, 0x9020_0000, 0x3f_ffff_fffc, 0x40_0010_0000, 0xff_9000_0000] as [UInt64])
  func requestFromAboveForNoWindowIsUnsupported(address: UInt64) {
    let bench = SwitchBench()
    bench.send(.memoryRead(address: address, bytes: 4, requester: rootID, tag: 7))
    #expect(bench.statusesAtRoot == [.unsupportedRequest])
    #expect(bench.root.arrivals.last?.header.tag == 7)
    #expect(bench.root.arrivals.last?.header.completerID == SwitchBench.switchID)
    #expect(bench.at(0).isEmpty && bench.at(1).isEmpty)
    #expect(bench.violations == [.unsupportedRequest])
    // A posted request has no answer, but leaves the same trace.
    bench.send(Self.write(address))
    #expect(bench.statusesAtRoot.count == 1)
    #expect(bench.violations == [.unsupportedRequest, .unsupportedRequest])
    #expect(bench.model.router.functions[0].space.shows(.unsupportedRequest))
  }

  @Test func readIsAnsweredThroughTheSwitch() {
    let bench = SwitchBench()
    let request = TLPHeader.memoryRead(
      address: SwitchBench.memory(1), bytes: 8, requester: rootID, tag: 3)
    bench.send(request)
    let answer = TLPHeader.completionWithData(
      of: request, completer: SwitchBench.deviceID(1), address: request.address, bytes: 8, remainingBytes: 8)
    bench.send(answer, [1, 2, 3, 4, 5, 6, 7, 8], from: 1)
    #expect(bench.root.arrivals.map(\.header) == [answer])
    #expect(bench.root.arrivals.first?.payload == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test(arguments: [0, 1])
  func requestFromBelowGoesUpWhenNoWindowHoldsIt(port: Int) {
    let bench = SwitchBench()
    let sent = Self.write(0x1000, from: port)
    bench.send(sent, from: port)
    #expect(bench.root.arrivals.map(\.header) == [sent])
    #expect(bench.violations.isEmpty)
  }

  @Test func requestFromBelowGoesToItsPeer() {
    let bench = SwitchBench()
    let sent = Self.write(SwitchBench.memory(1), from: 0)
    bench.send(sent, from: 0)
    #expect(bench.devices[1].arrivals.map(\.header) == [sent])
    #expect(bench.root.arrivals.isEmpty && bench.at(0).isEmpty)
  }

  /// A port never sends back what it received, and a window of the switch never lets its own range up.
  @Test(arguments: [SwitchBench.memory(0), SwitchBench.memory(3)])
  func requestFromBelowForTheOwnSideIsUnsupported(address: UInt64) {
    let bench = SwitchBench(ports: 4)
    bench.write(SwitchBench.portID(3), HeaderRegister.memoryBase, 0x0000_fff0)
    bench.root.arrivals.removeAll()
    bench.send(
      .memoryRead(address: address, bytes: 4, requester: SwitchBench.deviceID(0), tag: 9), from: 0)
    #expect(bench.devices[0].arrivals.map(\.header.completionStatus) == [.unsupportedRequest])
    #expect(bench.devices[0].arrivals.first?.header.completerID == SwitchBench.portID(0))
    #expect(!bench.atRoot.contains(.memoryRead))
    #expect(bench.model.router.functions[1].space.shows(.unsupportedRequest))
  }

  @Test func memoryEnableOpensTheWindows() {
    let bench = SwitchBench()
    bench.write(SwitchBench.portID(0), HeaderRegister.command, 5)
    bench.send(Self.write(SwitchBench.memory(0)))
    bench.send(Self.write(SwitchBench.memory(0), from: 1), from: 1)
    #expect(bench.at(0).isEmpty)
    #expect(bench.violations == [.unsupportedRequest, .unsupportedRequest])
    bench.write(SwitchBench.portID(0), HeaderRegister.command, 7)
    bench.write(SwitchBench.switchID, HeaderRegister.command, 5)
    bench.send(Self.write(SwitchBench.memory(0)))
    #expect(bench.at(0).isEmpty)
    // The window of the switch is for what comes from above: peers still reach each other.
    bench.send(Self.write(SwitchBench.memory(0), from: 1), from: 1)
    #expect(bench.at(0) == [.memoryWrite])
  }

  @Test func busMasterEnableOfThePortLetsRequestsUp() {
    let bench = SwitchBench()
    bench.write(SwitchBench.portID(0), HeaderRegister.command, 3)
    bench.root.arrivals.removeAll()
    let read = TLPHeader.memoryRead(address: 0, bytes: 4, requester: SwitchBench.deviceID(0), tag: 1)
    bench.send(read, from: 0)
    #expect(bench.devices[0].arrivals.map(\.header.completionStatus) == [.unsupportedRequest])
    bench.send(Self.write(SwitchBench.memory(1), from: 0), from: 0)
    #expect(bench.at(1).isEmpty)
    bench.send(Self.write(0, from: 1), from: 1)
    #expect(bench.atRoot.filter { $0?.isMessage == false } == [.memoryWrite])
  }

  @Test func busMasterEnableOfTheSwitchLetsRequestsUp() {
    let bench = SwitchBench()
    bench.write(SwitchBench.switchID, HeaderRegister.command, 3)
    bench.root.arrivals.removeAll()
    bench.send(Self.write(0, from: 0), from: 0)
    #expect(!bench.atRoot.contains(.memoryWrite))
    #expect(bench.violations == [.unsupportedRequest])
    bench.send(Self.write(SwitchBench.memory(1), from: 0), from: 0)
    #expect(bench.at(1) == [.memoryWrite])
  }

  @Test(arguments: [(0x1000, 0), (0x1ffc, 0), (0x2000, 1)])
  func ioGoesToTheWindowThatHoldsIt(address: UInt32, port: Int) {
    let bench = SwitchBench()
    let sent = TLPHeader.ioRead(address: address, bytes: 4, requester: rootID, tag: 1)
    bench.send(sent)
    #expect(bench.devices[port].arrivals.map(\.header) == [sent])
    #expect(bench.at(1 - port).isEmpty)
  }

  @Test(arguments: [0x0ffc, 0x3000] as [UInt32])
  func ioForNoWindowIsUnsupported(address: UInt32) {
    let bench = SwitchBench()
    bench.send(.ioRead(address: address, bytes: 4, requester: rootID, tag: 1))
    #expect(bench.statusesAtRoot == [.unsupportedRequest])
  }

  @Test func ioEnableOpensTheWindow() {
    let bench = SwitchBench()
    bench.write(SwitchBench.portID(1), HeaderRegister.command, 6)
    bench.root.arrivals.removeAll()
    bench.send(.ioRead(address: 0x2000, bytes: 4, requester: rootID, tag: 1))
    #expect(bench.statusesAtRoot == [.unsupportedRequest])
    #expect(bench.at(1).isEmpty)
  }

  @Test func atomicsAreRoutedLikeMemoryRequests() {
    let bench = SwitchBench()
    let sent = TLPHeader.atomic(
      .fetchAdd, address: SwitchBench.memory(1) + 8, operandBytes: 8, requester: SwitchBench.deviceID(0),
      tag: 2)
    bench.send(sent, from: 0)
    #expect(bench.devices[1].arrivals.map(\.header) == [sent])
  }

  @Test func nothingStaysInTheFabric() {
    let bench = SwitchBench()
    for address in [0x9000_0000, 0x9010_0000, 0x8000_0000] as [UInt64] { bench.send(Self.write(address)) }
    #expect(bench.fabric.payloads.used == 0)
  }
}
