import PCIe
import Testing

@testable import SuiteLanguage

@Suite("Fault catalogue")
struct FaultCatalogueTests {
  /// A suite with one case that has these rules.
  static func instance(_ rules: [String], steps: [String] = []) throws -> CaseInstance {
    let text = """
      format: 1
      suite: faults
      topology:
        nodes:
          rc: {model: root-complex}
          mem: {model: memory-mock, msix: 4, bars: {bar1: {size: 4KiB}}}
          server: {model: memory-mock}
        links:
          l0: {upstream: rc, downstream: mem, speed: 8GT/s, width: 4}
          l1: {upstream: rc, downstream: server}
      cases:
        one:
          faults:
      \(rules.map { "      - \($0)\n" }.joined())    steps:
      \((steps.isEmpty ? ["note: {text: none}"] : steps).map { "      - \($0)\n" }.joined())
      """
    let result = SuiteLoader.load(path: "s.yaml", bytes: Array(text.utf8))
    let complaints = result.diagnostics.map { "\($0.span.start): \($0.message)" }
    return try #require(result.plan?.instances.first, "\(complaints) in\n\(text)")
  }

  static let verbs = FaultVerb.allCases.map { "\($0.rawValue): {" }

  /// Rows whose writing is one rule.
  static let written = FaultCatalogue.entries.filter { entry in
    verbs.contains { entry.writing.hasPrefix($0) }
  }

  /// The rule that a row says to write, without the words behind it.
  static func rule(of entry: FaultEntry) -> String {
    let end = entry.writing.lastIndex(of: "}") ?? entry.writing.index(before: entry.writing.endIndex)
    return String(entry.writing[...end]).replacing("link: up", with: "link: l0")
  }

  @Test("there is one row for each id, in their order")
  func rows() {
    #expect(FaultCatalogue.entries.map(\.id) == FaultID.allCases)
    #expect(Set(FaultID.allCases.filter(\.isGeneral)) == Set(FaultCatalogue.general.map(\.id)))
    #expect(FaultID.allCases.count == 98 + FaultCatalogue.general.count)
  }

  @Test("what a row says to write is a rule of that kind", arguments: written)
  func writing(entry: FaultEntry) throws {
    let instance = try Self.instance([Self.rule(of: entry)])
    var wanted = entry.id
    if case .told(let other) = entry.standing { wanted = other }
    #expect(instance.faultIDs == [wanted], "\(entry.writing)")
  }

  @Test("every row that is built is written by a rule, every other one says why not")
  func standing() {
    for entry in FaultCatalogue.entries {
      switch entry.standing {
      case .built: #expect(Self.written.contains(entry), "\(entry.id)")
      case .steps, .explored:
        #expect(!entry.writing.isEmpty && !Self.written.contains(entry), "\(entry.id)")
      case .told(let other): #expect(other.entry.standing == .built && !entry.writing.isEmpty)
      case .unbuilt(let reason): #expect(!reason.isEmpty && !reason.hasSuffix("."))
      }
      #expect(entry.title.count <= 45, "\(entry.id)")
      #expect(!entry.section.isEmpty)
    }
  }

  @Test("the first set is built")
  func firstSet() {
    let first = [
      "dll.lcrc", "dll.seq_dup", "dll.ack_lost", "dll.nak_storm", "fc.starve", "link.down", "link.hot_reset",
      "tlp.poison_wr", "tlp.poison_cpl", "tlp.malf_len", "tlp.malf_mps", "tlp.drop_posted", "tlp.delay",
      "cpl.ur",
      "cpl.ca", "cpl.rrs", "cpl.timeout", "cpl.late", "cpl.unexpected", "cpl.dup", "cpl.reorder_req",
      "cpl.reorder_in", "cpl.split", "irq.lost", "irq.spurious", "irq.before_data", "dev.flr_mid_dma",
      "dev.kill",
      "dev.hang", "dev.bme_off", "dev.mse_off",
    ]
    #expect(first.count == 31)
    for id in first { #expect(FaultID(rawValue: id)?.entry.standing == .built, "\(id)") }
  }

  @Test(
    "rules beside those of the catalogue",
    arguments: [
      ("drop: {link: l0, dllp: Ack, every: 1, times: 2}", "dll.ack_lost"),
      ("drop: {link: l0, dllp: Ack, probability: 5%}", "dll.ack_lost"),
      ("drop: {link: l0, tlp: Cpl, nth: 1}", "cpl.timeout"),
      ("drop: {link: l0, tlp: Msg, nth: 1}", "tlp.drop_posted"),
      ("drop: {link: l0, tlp: CfgWr0, nth: 1}", "tlp.drop_request"),
      ("drop: {link: l0, tlp: MRd, address: mem.bar1, nth: 1}", "tlp.drop_request"),
      ("drop: {link: l0, layer: data-link, msix: 0, nth: 1}", "dll.tlp_lost"),
      ("delay: {link: l0, tlp: CplD, nth: 1, by: 49ms}", "tlp.delay"),
      ("delay: {link: l0, tlp: CplD, nth: 1, by: 10ms..60ms}", "tlp.delay"),
      ("delay: {link: l0, tlp: CplD, every: 1, by: 60ms}", "cpl.late"),
      ("delay: {link: l0, tlp: MWr, nth: 1, behind: CplD}", "tlp.reorder_posted"),
      ("delay: {link: l0, tlp: CplD, nth: 1, behind: MWr}", "tlp.reorder"),
      ("complete: {link: l0, layer: data-link, tlp: any, every: 1, times: 3, status: Nak}", "dll.nak"),
      ("complete: {link: l0, layer: data-link, tlp: any, every: 1, status: Nak}", "dll.nak_storm"),
      ("complete: {node: mem, tlp: CfgRd0, every: 1, for: 1s, status: RRS}", "cpl.rrs"),
      ("corrupt: {link: l0, tlp: MRd, nth: 1, field: tag}", "cpl.wrong_tag"),
      ("corrupt: {link: l0, tlp: MWr, nth: 1, field: requester}", "tlp.field"),
      // A value that is given may be one that no receiver can know to be wrong.
      ("corrupt: {link: l0, tlp: MRd, nth: 1, field: length}", "tlp.malf_len"),
      ("corrupt: {link: l0, tlp: MRd, nth: 1, field: length, value: 0x2}", "tlp.field"),
      ("corrupt: {link: l0, tlp: MWr, nth: 1, field: length, value: 0x2}", "tlp.malf_len"),
      ("corrupt: {link: l0, tlp: MRd, nth: 1, field: type, value: 0x02}", "tlp.field"),
      ("corrupt: {link: l0, tlp: MRd, nth: 1, field: type, value: 0x1f}", "tlp.malf_fmt"),
      (
        "corrupt: {link: l0, layer: data-link, tlp: MWr, nth: 1, field: sequence, value: 0x1}", "dll.tlp_lost"
      ),
      ("corrupt: {link: l0, dllp: UpdateFC, nth: 1, field: type}", "dll.dllp_unknown"),
      ("link_down: {link: l0, after: 1ms, for: 5ms}", "link.down"),
      ("do: {after: 1ms, step: {link: {link: l0, state: up, width: 1}}}", "link.degrade"),
      ("do: {after: 1ms, step: {link: {link: l0, state: up, speed: 8GT/s}}}", "link.retrain"),
      (
        "do: {after: 1ms, step: {cfg_write: {by: rc, to: mem, offset: 0x10, size: 4, data: {bytes: 00 00 00 00}}}}",
        "dev.mse_off"
      ),
      (
        "do: {after: 1ms, step: {cfg_write: {by: rc, to: mem, capability: pm, offset: 0x4, size: 2, data: {bytes: 03 00}}}}",
        "dev.d3hot"
      ),
      (
        "do: {after: 1ms, step: {mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {bytes: 00}}}}",
        "dev.step"
      ),
      ("kill: {node: mem, after: 1ms}", "dev.kill"),
      ("corrupt: {link: l0, dllp: UpdateFC, nth: 1, field: credits}", "fc.illegal"),
      ("corrupt: {link: l0, dllp: UpdateFC, nth: 1, field: credits, value: 0x1}", "fc.overflow"),
      ("corrupt: {link: l0, tlp: MRd, nth: 1, field: boundary}", "tlp.malf_4k"),
    ])
  func classification(rule: String, id: String) throws {
    #expect(try Self.instance([rule]).faultIDs.map(\.rawValue) == [id])
  }

  @Test("the type of the struck TLP makes the id of an open match sharper")
  func struck() throws {
    let instance = try Self.instance(["drop: {link: l0, tlp: any, nth: 1}"])
    let ids = TLPWord.allCases.map { instance.classifier.id(of: instance.faults[0], striking: $0).rawValue }
    #expect(
      ids == [
        "tlp.drop", "tlp.drop_request", "tlp.drop_posted", "tlp.drop_request", "tlp.drop_request",
        "cpl.timeout",
        "cpl.timeout", "tlp.drop_posted",
      ])
    #expect(TLPKind.allCases.compactMap(TLPWord.init).count == TLPKind.allCases.count - 5)
  }

  @Test("a read's own timeout decides when a completion is late")
  func timeout() throws {
    let rule = "delay: {link: l0, tlp: CplD, nth: 1, by: 6ms}"
    let read =
      "mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 4B, timeout: 5ms, expect: {status: timeout}}"
    #expect(try Self.instance([rule]).faultIDs == [.delayed])
    #expect(try Self.instance([rule], steps: [read]).faultIDs == [.completionLate])
    let patient = read.replacing("5ms", with: "100ms")
    let longer = rule.replacing("6ms", with: "60ms")
    #expect(try Self.instance([longer], steps: [patient]).faultIDs == [.delayed])
  }

  @Test("steps that are faults count for a case")
  func steps() throws {
    let instance = try Self.instance(
      ["drop: {link: l0, msix: 0, nth: 1}"],
      steps: ["repeat: {times: 2, steps: [{reset: {link: l0, kind: hot}}]}", "msix: {by: mem, vector: 0}"])
    #expect(instance.exercisedFaults == [.hotReset, .interruptLost])
  }

  @Test(
    "what a port is told to block or contain counts for a case, and not for a rule that tells it",
    arguments: [
      ("acs", "01 00", [FaultID.accessControl]), ("acs", "00 00", []), ("dpc", "02 00", [.portContained]),
      ("dpc", "0c 00", []), ("dpc", "20 00", [.poisonBlocked]),
    ])
  func armed(capability: String, bytes: String, ids: [FaultID]) throws {
    let write =
      "cfg_write: {by: rc, to: rc.l0, capability: \(capability), offset: 0x6, size: 2, "
      + "data: {bytes: \(bytes)}}"
    let kill = "kill: {node: server, after: 1ms}"
    #expect(try Self.instance([kill], steps: [write]).exercisedFaults == ids + [.deviceKilled])
    #expect(try Self.instance(["do: {after: 1ms, step: {\(write)}}"]).faultIDs == [.stepPerformed])
  }
}
