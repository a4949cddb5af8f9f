import LinkBroker
import PCIe
import RevereInterface
import Testing

@testable import Endpoints

/// SR-IOV as software sees it: IDs, pages, reserved registers, errors and translations of virtual functions.
@Suite struct AMUVirtualizationTests {
  private typealias Register = SingleRootVirtualizationCapability.Register

  private func place(_ bench: AMUBench) throws -> Int {
    try #require(bench.unit.function.space.places[.singleRootVirtualization])
  }

  private func read(_ bench: AMUBench, _ id: FunctionAddress, _ offset: Int, _ size: Int = 4) -> UInt32 {
    bench.root.configurationRead(of: id, offset: offset, size: size, in: &bench.fabric).value
  }

  @Test func withARIThereAreMoreThanSeven() throws {
    let bench = try AMUBench(virtualFunctions: 20)
    #expect(bench.unit.virtualFunctionCount == 20)
    bench.command("PF_F_ENABLE", ["F_OWNER": 20])
    bench.openSoftware(0, function: 20)
    bench.openHardware(0, function: 20)
    bench.connect(0, .software(0), .hardware(0))
    bench.connect(1, .hardware(0), .software(0))
    let sent = bench.messages(30)
    bench.send(sent, function: 20)
    #expect(bench.receive(function: 20) == sent.inverted)
    #expect(bench.virtualID(20) == FunctionAddress(rawValue: bench.address.rawValue + 20))
    #expect(bench.violations.isEmpty)
    for number in [0, 1, 20] {
      let space = number == 0 ? bench.unit.function.space : bench.unit.virtualFunction(number)?.space
      #expect(space?.places[.alternativeRoutingID] != nil)
    }
    // Without ARI Capable Hierarchy device 0 has seven besides function 0.
    bench.configure(bench.address, try place(bench) + Register.control, 2, 0x9)
    #expect(bench.unit.virtualFunctionCount == 7)
  }

  @Test(arguments: [false, true]) func withoutARIForwardingAPortLeadsToDevice0Alone(
    isSwitch: Bool
  ) throws {
    var configuration = RevereAMUConfiguration()
    configuration.virtualFunctions = 9
    let (root, unit) = (RootComplex(node: 0, memoryBytes: 1 << 20), try RevereAMU(configuration))
    var fabric = Fabric()
    let (top, bottom) = (fabric.add(root), fabric.add(unit))
    let between = isSwitch ? fabric.add(Switch(downstreamPorts: 1)) : top
    let link = LinkConfiguration(speed: .gt16, width: 4)
    if isSwitch { _ = fabric.connect(upstream: (top, 0), downstream: (between, 0), link) }
    _ = fabric.connect(upstream: (between, isSwitch ? 1 : 0), downstream: (bottom, 0), link)
    let found = try Enumerator.run(root, in: &fabric)
    let function = try #require(found.last)
    let port = try #require(function.parent)
    let express = try #require(
      found.first { $0.address == port }?.capabilities[CapabilityID.express.rawValue])
    let sriov = try #require(unit.function.space.places[.singleRootVirtualization])
    root.configurationWrite(
      to: function.address, offset: sriov + Register.numVFs, size: 2, value: 9, in: &fabric)
    root.configurationWrite(
      to: function.address, offset: sriov + Register.control, size: 2, value: 0x19, in: &fabric)
    func status(_ number: UInt16) -> RequestStatus {
      let target = FunctionAddress(rawValue: function.address.rawValue + number)
      return root.configurationRead(of: target, offset: 0x40, size: 4, in: &fabric).status
    }
    // Enumeration has switched it on, for the device has ARI.
    #expect((1...9).map(status) == [RequestStatus](repeating: .successful, count: 9))
    root.configurationWrite(to: port, offset: express + 0x28, size: 2, value: 0, in: &fabric)
    #expect(status(7) == .successful)
    #expect(status(8) == .unsupportedRequest)
    #expect(status(9) == .unsupportedRequest)
    root.configurationWrite(to: port, offset: express + 0x28, size: 2, value: 1 << 5, in: &fabric)
    #expect(status(9) == .successful)
  }

  @Test func whatVFEnableBuildsUponStays() throws {
    let bench = try AMUBench(virtualFunctions: 3)
    let place = try place(bench)
    bench.configure(bench.address, place + Register.numVFs, 2, 1)
    bench.configure(bench.address, place + Register.systemPageSize, 4, 0x10)
    #expect(read(bench, bench.address, place + Register.numVFs, 2) == 3)
    #expect(read(bench, bench.address, place + Register.systemPageSize) == 1)
    #expect(bench.unit.virtualFunctionCount == 3)
    bench.configure(bench.address, place + Register.control, 2, 0)
    bench.configure(bench.address, place + Register.numVFs, 2, 1)
    #expect(read(bench, bench.address, place + Register.numVFs, 2) == 1)
  }

  @Test func virtualBarsAreAlignedToPages() throws {
    let bench = try AMUBench(virtualFunctions: 2)
    let place = try place(bench)
    bench.configure(bench.address, place + Register.control, 2, 0)
    bench.configure(bench.address, place + Register.systemPageSize, 4, 0x10)
    // BAR2 holds the MSI-X table, in 4 KiB.
    bench.configure(bench.address, place + Register.vfBar0 + 8, 4, .max)
    #expect(read(bench, bench.address, place + Register.vfBar0 + 8) == 0xffff_0000)
    bench.configure(bench.address, place + Register.vfBar0 + 8, 4, 0x9001_3000)
    #expect(read(bench, bench.address, place + Register.vfBar0 + 8) == 0x9001_0000)
    bench.configure(bench.address, place + Register.control, 2, 0x9)
    let second = try #require(bench.unit.virtualFunction(2))
    let bar = try #require(second.space.header.bars.first { $0.index == 2 })
    #expect(second.virtual?.address(of: bar) == 0x9002_0000)
  }

  @Test func whatIsThePhysicalFunctionsIsReservedInVirtualOnes() throws {
    let bench = try AMUBench(virtualFunctions: 1)
    let id = bench.virtualID(1)
    let space = try #require(bench.unit.virtualFunction(1)?.space)
    let express = try #require(space.places.express)
    let errors = try #require(space.places.advancedErrorReporting)
    typealias Express = ExpressCapability.Register
    typealias Errors = AdvancedErrorReportingCapability.Register
    for offset in [
      express + Express.deviceControl, express + Express.deviceControl2, express + Express.linkControl,
      express + Express.linkControl2,
    ] {
      bench.configure(id, offset, 2, 0x7fff)
      #expect(read(bench, id, offset, 2) == 0, "0x\(String(offset, radix: 16))")
    }
    for offset in [
      errors + Errors.uncorrectableMask, errors + Errors.uncorrectableSeverity,
      errors + Errors.correctableMask,
      errors + Errors.control,
    ] {
      bench.configure(id, offset, 4, .max)
      #expect(read(bench, id, offset) == 0, "0x\(String(offset, radix: 16))")
    }
    // Its reset is its own.
    bench.configure(id, express + Express.deviceControl, 2, 0x8000)
    #expect(bench.exception()?.name == "E_PF_VF_RESET")
  }

  /// A poisoned write to the registers of the first virtual function.
  private func harm(_ bench: AMUBench) throws {
    let registers = bench.drivers[1].registers
    let port = try #require(bench.root.core.ports.ports.first?.port)
    var header = TLPHeader.memoryWrite(
      address: registers + 0x28, bytes: 8, requester: FunctionAddress(rawValue: 0))
    header.isPoisoned = true
    let payload = bench.fabric.payloads.take(bytes: 8)
    bench.fabric.send(FabricTLP(header: header, payload: payload), from: port)
    bench.run()
  }

  @Test func errorsOfVirtualFunctionsAreReportedAsThePhysicalOneSays() throws {
    let bench = try AMUBench(virtualFunctions: 1)
    let express = try #require(bench.unit.function.space.places.express)
    func messages() -> [FunctionAddress] {
      bench.fabric.history(ofLink: 0).ordered.map(\.header)
        .filter { $0.messageCode == .nonFatalError && $0.kind == .message }.map(\.requesterID)
    }
    bench.fabric.resetMeasurements()
    try harm(bench)
    #expect(messages() == [bench.virtualID(1)])
    #expect(bench.unit.virtualFunction(1)?.space.recordedErrors.uncorrectable == 1 << 12)
    #expect(bench.unit.function.space.recordedErrors.uncorrectable == 0)
    // The physical function reports nothing any more.
    let control = read(bench, bench.address, express + 8, 2)
    bench.configure(bench.address, express + 8, 2, control & ~0xf)
    bench.fabric.resetMeasurements()
    try harm(bench)
    #expect(messages().isEmpty)
  }

  @Test func invalidationsAreComplete() throws {
    let bench = try AMUBench(virtualFunctions: 1)
    let port = try #require(bench.root.core.ports.ports.first?.port)
    for (target, tag) in [(bench.address, UInt16(3)), (bench.virtualID(1), 17)] {
      let payload = bench.fabric.payloads.take(bytes: 8)
      bench.fabric.resetMeasurements()
      bench.fabric.send(
        FabricTLP(
          header: .message(
            .invalidateRequest, requester: FunctionAddress(rawValue: 0), tag: tag, lengthDW: 2,
            dw2: UInt32(target.rawValue) << 16), payload: payload), from: port)
      bench.run()
      let answers = bench.fabric.history(ofLink: 0).ordered.filter { !$0.isDownstream }.map(\.header)
        .filter { $0.messageCode == .invalidateCompletion && $0.kind == .message }
      let answer = try #require(answers.first)
      #expect(answers.count == 1)
      #expect(answer.requesterID == target)
      #expect(answer.messageRouting == .byID)
      #expect(answer.dw2 == 1)
      #expect(answer.dw3 == 1 << UInt32(tag))
    }
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func eachFunctionHintsAsItsOwnRegistersSay() throws {
    let bench = try AMUBench(virtualFunctions: 1)
    bench.command("PF_F_ENABLE", ["F_OWNER": 1])
    bench.openSoftware(0, physical: 0, function: 1)
    bench.openSoftware(0, physical: 1)
    let stash: [String: UInt64] = ["STASH_ENABLE": 1, "STASH_CTL": 2]
    bench.connect(0, .software(0), .software(1), stash)
    bench.connect(1, .software(1), .software(0), stash)
    let hints = try #require(bench.unit.virtualFunction(1)?.space.places[.processingHints])
    bench.configure(bench.virtualID(1), hints + 8, 4, 0x100)
    bench.fabric.resetMeasurements()
    bench.send(bench.messages(1), physical: 0, function: 1)
    bench.send(bench.messages(1), physical: 1)
    let writes = bench.fabric.history(ofLink: 0).ordered.filter { !$0.isDownstream }.map(\.header)
      .filter { $0.kind == .memoryWrite }
    #expect(writes.filter(\.hasProcessingHint).map(\.requesterID) == [bench.virtualID(1)])
    #expect(writes.filter { !$0.hasProcessingHint }.map(\.requesterID) == [bench.address])
  }

  /// 10.5.1: the smallest translation unit of the physical function holds for all.
  @Test func smallestTranslationUnitsAreThePhysicalFunctions() throws {
    let bench = try AMUBench(virtualFunctions: 1)
    for (number, mask) in [(0, 0x801f), (1, 0x8000)] as [(Int, UInt32)] {
      let id = number == 0 ? bench.address : bench.virtualID(number)
      let place = try #require(
        (number == 0 ? bench.unit.function : bench.unit.virtualFunction(number))?.space
          .places[.addressTranslation])
      bench.configure(id, place + 6, 2, 0xffff)
      #expect(read(bench, id, place + 6, 2) & 0xffff == mask)
    }
  }

  @Test func thereAreAsManyVectorsAsRegistersCanName() throws {
    let bench = try AMUBench { $0.msixVectorCount = RevereAMUConfiguration().msixVectorCount }
    bench.openLoop(["RX_VECTOR": 2047, "RX_IRQ_ENABLE": 1])
    bench.send(bench.messages(1))
    #expect(bench.interrupts(2047) == 1)
    #expect(bench.exception() == nil)
  }
}
