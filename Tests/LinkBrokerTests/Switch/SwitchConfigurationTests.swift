import LinkBroker
import PCIe
import Testing

/// Configuration requests to and through a switch.
struct SwitchConfigurationTests {
  private static func read(
    _ bus: UInt8, _ device: UInt8, _ function: UInt8 = 0, isType1: Bool = true
  ) -> TLPHeader {
    .configurationRead(
      of: FunctionAddress(bus: bus, device: device, function: function), offset: 0, bytes: 4,
      requester: rootID, tag: 1, isType1: isType1)
  }

  @Test func everyPortIsAFunctionOfTheBusInside() {
    let bench = SwitchBench(ports: 3)
    #expect(bench.read(SwitchBench.switchID, 0) == 0x0200_0001)
    for port in 0..<3 { #expect(bench.read(SwitchBench.portID(port), 0) == 0x0201_0001) }
    #expect(bench.violations.isEmpty)
  }

  @Test func portsFollowTheirBusNumber() {
    let bench = SwitchBench()
    bench.write(SwitchBench.switchID, HeaderRegister.primaryBus, 1 | 9 << 8 | 20 << 16)
    #expect(bench.read(FunctionAddress(bus: 9, device: 1, function: 0), 0) == 0x0201_0001)
    #expect(bench.model.router.functions[2].id == FunctionAddress(bus: 9, device: 1, function: 0))
  }

  @Test func identifierIsLearnedFromWrites() {
    let bench = SwitchBench(isSetUp: false)
    let id = FunctionAddress(bus: 5, device: 0, function: 0)
    bench.send(
      .configurationWrite(to: id, offset: HeaderRegister.command, bytes: 2, requester: rootID, tag: 1),
      [7, 0, 0, 0])
    #expect(bench.model.router.functions[0].id == id)
    #expect(bench.root.arrivals.last?.header.completionStatus == .successful)
  }

  @Test(arguments: [0, 1])
  func lastLinkCarriesType0(port: Int) {
    let bench = SwitchBench()
    let target = SwitchBench.deviceID(port)
    bench.send(Self.read(target.bus, 0))
    #expect(bench.devices[port].arrivals.map(\.header) == [Self.read(target.bus, 0, isType1: false)])
    #expect(bench.at(1 - port).isEmpty)
  }

  @Test func deeperBusesStayType1() {
    let bench = SwitchBench()
    bench.write(SwitchBench.portID(1), HeaderRegister.primaryBus, 2 | 4 << 8 | 8 << 16)
    bench.write(SwitchBench.switchID, HeaderRegister.primaryBus, 1 | 2 << 8 | 8 << 16)
    for bus in UInt8(5)...8 { bench.send(Self.read(bus, 3)) }
    #expect(bench.devices[1].arrivals.map(\.header) == (UInt8(5)...8).map { Self.read($0, 3) })
  }

  @Test(arguments: [
    // No such port, a second function of a port, a device on a link other than 0, a bus nobody has.
    (2, 2, 0), (2, 31, 0), (2, 0, 1), (3, 1, 0), (5, 0, 0), (0, 0, 0),
  ])
  func absentFunctionIsUnsupported(bus: UInt8, device: UInt8, function: UInt8) {
    let bench = SwitchBench()
    bench.send(Self.read(bus, device, function))
    #expect(bench.statusesAtRoot == [.unsupportedRequest])
    #expect(bench.at(0).isEmpty && bench.at(1).isEmpty)
    #expect(bench.violations == [.unsupportedRequest])
  }

  @Test func secondFunctionOfADeviceIsForTheDeviceToRefuse() {
    let bench = SwitchBench()
    bench.send(Self.read(3, 0, 1))
    #expect(bench.devices[0].arrivals.map(\.header) == [Self.read(3, 0, 1, isType1: false)])
  }

  @Test func switchWithoutBusNumbersRoutesNothing() {
    let bench = SwitchBench(isSetUp: false)
    bench.send(Self.read(0, 0))
    bench.send(Self.read(2, 0))
    #expect(bench.statusesAtRoot == [.unsupportedRequest, .unsupportedRequest])
  }

  /// - Source: PCI Express Base 5.0, 7.3.3: configuration requests come from above only.
  @Test(arguments: [(2, 1, true), (4, 0, true), (1, 0, false)])
  func requestFromBelowIsUnsupported(bus: UInt8, device: UInt8, isType1: Bool) {
    let bench = SwitchBench()
    bench.send(Self.read(bus, device, isType1: isType1), from: 0)
    #expect(bench.devices[0].arrivals.map(\.header.completionStatus) == [.unsupportedRequest])
    #expect(bench.at(1).isEmpty)
  }

  @Test func poisonedWriteChangesNothing() {
    let bench = SwitchBench()
    var header = TLPHeader.configurationWrite(
      to: SwitchBench.portID(0), offset: HeaderRegister.command, bytes: 2, requester: rootID, tag: 1,
      isType1: true)
    header.isPoisoned = true
    bench.send(header, [0, 0, 0, 0])
    #expect(bench.statusesAtRoot == [.unsupportedRequest])
    #expect(bench.read(SwitchBench.portID(0), HeaderRegister.command).map { $0 & 7 } == 7)
    #expect(bench.model.router.functions[1].space.shows(.poisonedTLP))
  }

  @Test func byteEnablesSelectWhatAWriteChanges() {
    let bench = SwitchBench()
    let port = SwitchBench.portID(0)
    bench.send(
      .configurationWrite(
        to: port, offset: HeaderRegister.subordinateBus, bytes: 1, requester: rootID, tag: 1, isType1: true),
      [0xff, 0xff, 0x09, 0xff])
    #expect(bench.read(port, HeaderRegister.primaryBus) == 0x0009_0302)
  }
}
