import LinkBroker
import PCIe
import RevereInterface
import Testing

@testable import Endpoints

/// One physical function and its virtual ones: what each may see and change.
@Suite struct AMUVirtualFunctionTests {
  @Test func virtualFunctionsAnswerOnceSoftwareHasEnabledThem() throws {
    let bench = try AMUBench(virtualFunctions: 3)
    #expect(bench.unit.virtualFunctionCount == 3)
    for number in 1...3 {
      let id = bench.virtualID(number)
      // Vendor and device ID of a virtual function read as all ones, its class as that of the physical one.
      #expect(bench.root.configurationRead(of: id, offset: 0, in: &bench.fabric).value == .max)
      #expect(bench.root.configurationRead(of: id, offset: 8, in: &bench.fabric).value == 0x1200_0000)
      #expect(bench.read(AMULayout.architecture, of: number) == 0x30)
    }
    #expect(
      bench.root.configurationRead(of: bench.virtualID(4), offset: 8, in: &bench.fabric).status
        == .unsupportedRequest)
  }

  @Test func aVirtualFunctionTakenAwayAnswersNoMore() throws {
    let bench = try AMUBench(virtualFunctions: 2)
    let place = try #require(bench.unit.function.space.places[.singleRootVirtualization])
    bench.configure(
      bench.address, place + SingleRootVirtualizationCapability.Register.control, 2, 0)
    #expect(bench.unit.virtualFunctionCount == 0)
    #expect(bench.read(AMULayout.architecture, of: 1) == .max)
    #expect(bench.violations.contains(.unsupportedRequest))
  }

  @Test func memoryEnableOfVirtualFunctionsIsObeyed() throws {
    let bench = try AMUBench(virtualFunctions: 1)
    let place = try #require(bench.unit.function.space.places[.singleRootVirtualization])
    bench.configure(
      bench.address, place + SingleRootVirtualizationCapability.Register.control, 2, 1)
    #expect(bench.read(AMULayout.architecture, of: 1) == .max)
  }

  @Test func eachFunctionRequestsByItsOwnID() throws {
    let bench = try AMUBench(virtualFunctions: 2)
    bench.command("PF_F_ENABLE", ["F_OWNER": 2])
    bench.openSoftware(5, physical: 0, function: 2)
    bench.openHardware(0, function: 2)
    bench.connect(0, .software(0), .hardware(0))
    bench.connect(1, .hardware(0), .software(0))
    let before = bench.unit.virtualFunction(2)?.requester.requestCount ?? 0
    let sent = bench.messages(9)
    bench.send(sent, number: 5, physical: 0, function: 2)
    #expect(bench.receive(number: 5, physical: 0, function: 2) == sent.inverted)
    #expect(bench.unit.virtualFunction(2)?.requester.requestCount ?? 0 > before)
    #expect(bench.violations.isEmpty)
  }

  @Test func aVirtualFunctionSeesNothingOfAnothers() throws {
    let bench = try AMUBench(virtualFunctions: 2)
    for number in 1...2 { bench.command("PF_F_ENABLE", ["F_OWNER": UInt64(number)]) }
    bench.openSoftware(0, function: 1)
    let page = AMULayout.page(ofContext: 0)
    bench.write(page + AMULayout.receiveMask, 0xff, of: 1)
    #expect(bench.read(page + AMULayout.receiveMask, of: 2) == 0)
    bench.write(page + AMULayout.receiveMask, 0x3, of: 2)
    bench.write(page + AMULayout.transmitWrite, 7, of: 2)
    #expect(bench.read(page + AMULayout.receiveMask, of: 1) == 0xff)
    #expect(bench.read(page + AMULayout.transmitWrite, of: 1) == 0)
    #expect(
      bench.command("F_AMI_SW_DISABLE", ["AMI_SW_ID": 0], by: 2) == "AMI_SW_IS_NOT_MAPPED_IN_FUNCTION")
    #expect(bench.exception(of: 1) == nil)
    #expect(bench.errorState(of: 2) == 0)
  }

  @Test(arguments: RevereInterface.commands.filter(\.isPhysical).map(\.name))
  func physicalCommandsOfAVirtualFunctionAreInvalid(name: String) throws {
    let bench = try AMUBench(virtualFunctions: 1)
    bench.command("PF_F_ENABLE", ["F_OWNER": 1])
    #expect(bench.command(name, by: 1) == nil)
    #expect(bench.errorState(of: 1) == 7)
    #expect(bench.errorState() == 0)
    // The error state is the function's own; it goes on when software has seen it.
    #expect(bench.command("F_PROBE") == "COMMAND_SUCCESSFUL")
    bench.write(AMULayout.status, 0, of: 1)
    #expect(bench.command("F_PROBE", by: 1) == "COMMAND_SUCCESSFUL")
  }

  @Test func aFunctionThatIsNotEnabledWaits() throws {
    let bench = try AMUBench(virtualFunctions: 1)
    #expect(bench.command("F_PROBE", by: 1) == nil)
    bench.command("PF_F_ENABLE", ["F_OWNER": 1])
    bench.run()
    #expect(bench.drivers[1].take(.responses, in: &bench.fabric) != nil)
  }

  @Test func enableBitsOfTheUnitAreNotThereInAVirtualFunction() throws {
    let bench = try AMUBench(virtualFunctions: 1)
    bench.write(AMULayout.control, .max, of: 1)
    #expect(bench.read(AMULayout.control, of: 1) == 1 << 17 | 1 << 18)
  }

  @Test func aTrappedCommandIsAnsweredByThePhysicalFunction() throws {
    let bench = try AMUBench(virtualFunctions: 1)
    bench.command("PF_F_TRAP_CONFIGURE", ["F_OWNER": 1, "ENABLE": 1])
    bench.command("PF_F_ENABLE", ["F_OWNER": 1])
    let probe = try #require(RevereInterface.command("F_AMI_SW_ENABLE"))
    bench.drivers[1].send(probe.message(["AMI_SW_ID": 0x1234]), in: &bench.fabric)
    let trapped = try #require(bench.exception())
    #expect(trapped.name == "E_PF_TRAPPED_CMD")
    #expect(trapped.fields["F_SOURCE_ID"] == 1)
    #expect(trapped.fields["TRAPPED_OPCODE"] == 14)
    #expect(trapped.fields["TRAPPED_CMD"].map { $0 & 0xffff } == 0x1234)
    #expect(!bench.drivers[1].has(.responses))
    let answer: [String: UInt64] = [
      "F_TARGET": 1, "RESP_OPCODE": 14, "STATUS": 1, "PAYLOAD": 0x1122_3344_5566_7788,
    ]
    #expect(bench.command("PF_F_TRAP_RESP", answer) == "MESSAGE_DELIVERED_TO_VF")
    let response = try #require(bench.drivers[1].take(.responses, in: &bench.fabric))
    #expect(response.prefix(12) == [14, 0, 1, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11])
    #expect(bench.command("PF_F_TRAP_RESP", answer) == "MESSAGE_COULD_NOT_BE_DELIVERED")
    let off = bench.response("PF_F_DISABLE", ["F_OWNER": 1])
    #expect(bench.value("TRAP_CONFIG", of: "PF_F_DISABLE", off) == 1)
  }

  @Test func aResetOfAVirtualFunctionIsToldAndTouchesNobodyElse() throws {
    let bench = try AMUBench(virtualFunctions: 2)
    for number in 1...2 { bench.command("PF_F_ENABLE", ["F_OWNER": UInt64(number)]) }
    bench.openSoftware(0, physical: 0, function: 1)
    bench.openSoftware(0, physical: 1, function: 2)
    bench.openHardware(0, physical: 0, function: 1)
    bench.openHardware(0, physical: 1, function: 2)
    for context in 0..<2 {
      bench.connect(context * 2, .software(context), .hardware(context))
      bench.connect(context * 2 + 1, .hardware(context), .software(context))
    }
    let sent = bench.messages(200)
    bench.send(sent, number: 0, physical: 0, function: 1, runs: false)
    bench.send(sent, number: 0, physical: 1, function: 2, runs: false)
    for _ in 0..<30 { bench.fabric.step() }
    let express = try #require(bench.unit.virtualFunction(1)?.space.places.express)
    bench.configure(bench.virtualID(1), express + 8, 2, 0x8000)
    let reset = try #require(bench.exception())
    #expect(reset.name == "E_PF_VF_RESET")
    #expect(reset.fields["SOURCE"] == 1)
    #expect(bench.receive(physical: 1, function: 2) == sent.inverted)
    bench.configure(bench.virtualID(1), HeaderRegister.command, 2, 4)
    #expect(bench.read(AMULayout.page(ofContext: 0) + AMULayout.transmitWrite, of: 1) == 0)
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func aResetOfThePhysicalFunctionTakesAllAway() throws {
    let bench = try AMUBench(virtualFunctions: 2)
    bench.command("PF_F_ENABLE", ["F_OWNER": 1])
    bench.openLoop()
    bench.send(bench.messages(100), runs: false)
    for _ in 0..<30 { bench.fabric.step() }
    let express = try #require(bench.unit.function.space.places.express)
    bench.configure(bench.address, express + 8, 2, 0x8000)
    bench.run()
    #expect(bench.unit.virtualFunctionCount == 0)
    #expect(bench.unit.core.management[0].control == 0)
    #expect(bench.unit.core.software.allSatisfy { !$0.mapping.isMapped && !$0.isEnabled })
    #expect(bench.unit.core.sessions.allSatisfy { !$0.isOpen })
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func prefixesAndHintsAreSentOnceSoftwareAllowsThem() throws {
    let bench = try AMUBench()
    let tap = try TapBench(bench)
    bench.openSoftware(0, fields: ["PASID": 0x12345, "PASID_ENABLED": 1])
    bench.openSoftware(1)
    bench.connect(0, .software(0), .software(1), ["STASH_ENABLE": 1, "STASH_CTL": 2, "STASH_DEST": 0x5a])
    bench.connect(1, .software(1), .software(0), ["STASH_ENABLE": 1, "STASH_CTL": 3, "STASH_DEST": 0x77])
    bench.send(bench.messages(1))
    #expect(tap.requests(bench).allSatisfy { $0.prefixes.isEmpty && !$0.hasProcessingHint })
    let passid = try #require(bench.unit.function.space.places[.processAddressSpace])
    let hints = try #require(bench.unit.function.space.places[.processingHints])
    bench.configure(bench.address, passid + 6, 2, 1)
    bench.configure(bench.address, hints + 8, 4, 0x102)
    tap.forget(bench)
    bench.send(bench.messages(1))
    let seen = tap.requests(bench)
    let fetch = try #require(seen.first { $0.kind == .memoryRead })
    #expect(fetch.prefixes.processAddressSpace?.processAddressSpaceID == 0x12345)
    let store = try #require(seen.last { $0.kind == .memoryWrite })
    #expect(store.prefixes.isEmpty)
    #expect(store.hasProcessingHint && store.processingHint == 2 && store.tag == 0x5a)
    tap.forget(bench)
    bench.send(bench.messages(1), number: 1)
    let back = try #require(tap.requests(bench).last { $0.kind == .memoryWrite })
    #expect(back.prefixes.processAddressSpace?.processAddressSpaceID == 0x12345)
    #expect(back.hasProcessingHint && back.processingHint == 3 && back.tag == 0x77)
    #expect(bench.receive(number: 1).count == 2)
    #expect(bench.violations.isEmpty)
  }
}

/// The requests that have gone up a bench's link since it was last forgotten.
private struct TapBench {
  init(_ bench: AMUBench) throws { forget(bench) }

  func forget(_ bench: AMUBench) { bench.fabric.resetMeasurements() }

  func requests(_ bench: AMUBench) -> [TLPHeader] {
    bench.run()
    return bench.fabric.history(ofLink: 0).ordered.filter { !$0.isDownstream }.map(\.header)
      .filter { $0.kind?.isMemoryRequest == true }
  }
}
