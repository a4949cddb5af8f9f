import Foundation
import PCIe
import Testing

@testable import SuiteLanguage

struct PlanTests {
  private func plan(_ name: String) throws -> Plan { try #require(Example.load(try Example.text(name)).plan) }

  @Test func instancesAreNamedAndOrderedByTheFile() throws {
    let ids = try plan("dma").instances.map(\.id)
    #expect(ids.first == "dma.write-read[length=4B,offset=0x0]")
    #expect(ids[1] == "dma.write-read[length=4B,offset=0x4]")
    #expect(ids[11] == "dma.write-read[length=1KiB,offset=0x3fd]")
    #expect(ids.last == "dma.storm")
    #expect(try plan("pipe").instances[1].id == "pipe.exchange[client_board=native_sim]")
    #expect(try plan("fabric").instances[1].id == "fabric.everything[speed=8GT/s,big=1MiB,width=1,at=0x40]")
  }

  @Test func instancesHoldNoReferences() throws {
    let instance = try plan("dma").instances[11]
    let step = try #require(instance.steps.first)
    guard case .memoryWrite(let write) = step.action else { return #expect(Bool(false)) }
    #expect(write.requester == "rc")
    #expect(write.target == .region(.node("mem"), .bar(1), offset: 0x3fd))
    #expect(write.data == .random(length: 1024))
    #expect(write.save == "sent")
    #expect(step.span.start == SourcePosition(line: 23, column: 9))
    #expect(step.span.end == SourcePosition(line: 23, column: 96))
    #expect(step.verb == .memoryWrite)
    let plan = try plan("dma")
    #expect(plan.source.line(23)?.contains("mem_write: {by: rc") == true)
  }

  @Test func settingsComeFromSuiteAndCase() throws {
    let dma = try plan("dma")
    let storm = try #require(dma.instances.last?.settings)
    #expect(storm.tags == ["smoke", "dma", "fuzz"])
    #expect(storm.isSlow)
    #expect(storm.seedCount == 200)
    #expect(storm.seed == 0x5eed)
    #expect(storm.timeout == .seconds(120))
    #expect(dma.instances[0].settings.timeout == .seconds(10))
    let fabric = try #require(try plan("fabric").instances.first)
    #expect(fabric.settings.seed == 2)
    #expect(fabric.settings.retries == 1)
    #expect(fabric.settings.isExclusive)
    #expect(fabric.settings.requirements.map(\.tool) == ["lspci", "lspci"])
    #expect(fabric.settings.requirements.first?.version == ToolVersion(parts: [3, 9, 0]))
    #expect(fabric.settings.knownFailure == KnownFailure(reason: "a sample", issue: "7"))
    #expect(fabric.allowed == [.unsupportedRequest, .advisoryNonFatal])
    #expect(fabric.setup.count == 1)
  }

  @Test func topologiesAreTyped() throws {
    let fabric = try plan("fabric")
    #expect(fabric.topologies.count == 3)
    let topology = fabric.topologies[0]
    #expect(topology.root?.name == "rc")
    #expect(topology.linksBelow("sw").map(\.name) == ["l1", "l2"])
    #expect(topology.linkAbove("ep")?.name == "l2")
    let l0 = try #require(topology.link("l0"))
    #expect(l0.speed == .gt8)
    #expect(l0.width == 4)
    #expect(l0.maxPayload == 256)
    #expect(l0.latency == .nanoseconds(50))
    let mem = try #require(topology.node("mem")?.function)
    #expect(mem.bars.map(\.index) == [0, 1, 2, 4])
    #expect(mem.bar(0)?.access == .readOnly)
    #expect(mem.bar(1)?.size == 1 << 20)
    #expect(mem.bar(2)?.is64Bit == true)
    #expect(mem.bar(4)?.space == .io)
    #expect(mem.msixBarIndex == 5)
    #expect(mem.identity.classCode == 0x058000)
    let ep = try #require(topology.node("ep")?.settings)
    #expect(ep.bars.map(\.size) == [4096])
    #expect(ep.msiVectors == 4)
  }

  @Test func faultsAreTyped() throws {
    let faults = try plan("faults").instances[0].faults
    #expect(faults.count == 21)
    #expect(Set(faults.map(\.verb)) == Set(FaultVerb.allCases))
    #expect(faults[0].action == .corrupt(.lcrc, value: nil))
    #expect(faults[0].trigger.layer == .dataLink)
    #expect(faults[0].trigger.selection == .nth(2))
    #expect(faults[3].trigger.layer == .dataLink)
    #expect(faults[7].action == .complete(FaultCompletion(node: "mem", status: .successful, split: 64...256)))
    #expect(faults[9].trigger.after == .count(1, .memoryRead, link: "l0", from: nil))
    #expect(faults[12].trigger.selection == .probability(5000))
    #expect(faults[12].action == .delay(.time(.microseconds(10), .milliseconds(2))))
    #expect(faults[13].action == .delay(.behind(.otherRequest)))
    #expect(faults[0].trigger.filter.isEmpty)
    #expect(faults[0].expectation == nil)
    #expect(faults[18].trigger.filter.addresses == .region(node: "mem", .bar(0)))
    #expect(faults[18].trigger.filter.length == 4...64)
    #expect(faults[18].trigger.filter.requester == "rc")
    #expect(faults[19].trigger.filter.addresses == .range(0x1000...0x1fff))
    #expect(faults[19].trigger.filter.tag == 3)
    #expect(faults[19].expectation == ["mem": [], "rc": [.ecrc]])
    #expect(faults[20].trigger.filter.addresses == .range(0x2000...0x2000))
  }

  @Test func missingPartsAreNamed() throws {
    let dma = try plan("dma").instances
    #expect(dma[0].requiresUnbuilt == [])
    #expect(dma.first { $0.caseName == "completion-lost" }?.requiresUnbuilt == [])
    #expect(dma.first { $0.caseName == "bad-lcrc-is-replayed" }?.requiresUnbuilt == [])
    #expect(try plan("amu").instances[0].requiresUnbuilt == [])
    #expect(try plan("pipe").instances[0].requiresUnbuilt == [])
  }

  @Test(arguments: [
    ("write-read", []), ("completion-lost", []), ("bad-lcrc-is-replayed", ["l0"]), ("storm", ["l0"]),
  ])
  func linksAreRaised(name: String, links: [String]) throws {
    let instance = try #require(try plan("dma").instances.first { $0.caseName == name })
    #expect(instance.raisedLinks == links)
    #expect(instance.wiring.links.map(\.layer) == [links.isEmpty ? .transaction : .dataLink])
    #expect(instance.topology.links.map(\.layer) == [.transaction])
  }

  @Test func aCounterOfTheDataLinkLayerRaisesItsLink() throws {
    let step = "repeat: {times: 2, steps: [{expect: {counter: l1.naks, equals: 0}}]}"
    let rule = "drop: {link: l0, tlp: MRd, nth: 1}"
    #expect(try FaultCatalogueTests.instance([rule], steps: [step]).raisedLinks == ["l1"])
    let other = "expect: {counter: l1.mwr, equals: 0}"
    #expect(try FaultCatalogueTests.instance([rule], steps: [other]).raisedLinks == [])
  }

  @Test func boardsAreTyped() throws {
    let file = Example.root.appending(path: "Boards/qemu_x86_64.yaml")
    let text = try String(contentsOf: file, encoding: .utf8)
    let result = BoardLoader.load(path: "b.yaml", bytes: Array(text.utf8))
    #expect(result.diagnostics.isEmpty)
    let board = try #require(result.board)
    #expect(board.timeoutScale == 2000)
    #expect(board.requirements.count == 2)
    #expect(board.requirements[0].version.map { $0 < ToolVersion(parts: [10, 10]) } == true)
    #expect(board.stop == BoardStop(signal: .terminate, grace: .seconds(2)))
    #expect(board.needs == BoardNeeds(cores: 1, memory: 768 << 20))
    #expect(board.launch.arguments.contains(BoardArgument(pieces: [.reference(.console)])))
    #expect(board.launch.argumentsPerLink.last?.pieces.contains(.reference(.socket)) == true)
  }

  @Test func boardsRefuseWhatMeansNothing() throws {
    let file = Example.root.appending(path: "Boards/qemu_x86_64.yaml")
    let text = try String(contentsOf: file, encoding: .utf8)
    func heads(_ old: String, _ new: String) -> [String] {
      let bytes = Array(text.replacing(old, with: new).utf8)
      return BoardLoader.load(path: "b.yaml", bytes: bytes).diagnostics.map { "\($0.message) [\($0.code)]" }
    }
    #expect(
      heads("$console", "$socket") == [
        "'$socket' means nothing here; what does: $image, $console, $host, $port, $qtest, $monitor, "
          + "$accelerator [suite.unknown-reference]"
      ])
    #expect(
      heads("$console", "$consol") == [
        "'$consol' is not a reference of boards; did you mean '$console'? [suite.unknown-reference]"
      ])
    #expect(heads("grace: 2s", "grace: 2").first?.hasSuffix("[scalar.unit]") == true)
    #expect(
      heads("simulator: qemu", "simulater: qemu").first?.hasPrefix("unknown key 'simulater' in board") == true
    )
    #expect(
      BoardLoader.load(path: "b.yaml", bytes: []).diagnostics.map(\.message) == [
        "file is empty; it must begin with 'format: 1' and 'board: NAME'"
      ])
  }

  @Test(arguments: [
    ("[[$monitor]]", "{plug: {join: [a, $socket, $index]}, unplug: b}", []),
    ("[[$monitor]]", "{plug: a, unplug: $socket}", ["'$socket' means nothing here; what does: $index"]),
    (
      "[]", "{plug: a, unplug: b}",
      ["this board has no monitor; give QEMU -qmp with unix: and $monitor in args"]
    ),
    (
      "[[$monitor]]", "",
      ["args name $monitor, at which nobody listens without monitor: {plug: TEXT, unplug: TEXT}"]
    ),
  ])
  func aMonitorIsAskedForAndTold(arguments: String, monitor: String, messages: [String]) {
    let text =
      "format: 1\nboard: b\narch: x\nsimulator: s\nlaunch: {program: p, args: \(arguments)}\n"
      + (monitor.isEmpty ? "" : "monitor: \(monitor)\n")
    #expect(BoardLoader.load(path: "b.yaml", bytes: Array(text.utf8)).diagnostics.map(\.message) == messages)
  }

  @Test func theReferenceNamesEveryVerbAndField() {
    let text = VerbReference.markdown
    for verb in Verb.allCases { #expect(text.contains("#### `\(verb.rawValue)`")) }
    for verb in FaultVerb.allCases { #expect(text.contains("#### `\(verb.rawValue)`")) }
    for object in Catalogue.all {
      for field in object.fields where !object.isSingle { #expect(text.contains("| `\(field.name)` |")) }
    }
  }

  @Test func everyVerbIsDescribedInOrder() {
    #expect(Catalogue.verbs.map(\.id) == Verb.allCases.map(\.objectID))
    #expect(Set(Catalogue.all.map(\.id)) == Set(ObjectID.allCases))
  }
}
