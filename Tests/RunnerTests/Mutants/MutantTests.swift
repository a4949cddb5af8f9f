import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

/// Each case of the fault suites that is named after a kind of fault finds out a model that reacts wrongly.
@Suite("Mutants") struct MutantTests {
  static let firstSet = [
    "dll.lcrc", "dll.seq_dup", "dll.ack_lost", "dll.nak_storm", "fc.starve", "link.down", "link.hot_reset",
    "tlp.poison_wr", "tlp.poison_cpl", "tlp.malf_len",
    "tlp.malf_mps", "tlp.drop_posted", "tlp.delay", "cpl.ur", "cpl.ca", "cpl.rrs", "cpl.timeout", "cpl.late",
    "cpl.unexpected", "cpl.dup", "cpl.reorder_req", "cpl.reorder_in", "cpl.split", "irq.lost", "irq.spurious",
    "irq.before_data", "dev.flr_mid_dma", "dev.kill", "dev.hang", "dev.bme_off", "dev.mse_off",
  ]

  @Test("each kind of the first set has a case of its name, and a mutant that the case finds out")
  func complete() throws {
    let plan = try #require(FaultSuite.plan)
    #expect(Self.firstSet.count == 31)
    for text in Self.firstSet {
      let id = try #require(FaultID(rawValue: text))
      let own = plan.instances.filter { $0.caseName == id.caseName }
      #expect(!own.isEmpty && own.allSatisfy { $0.exercisedFaults.contains(id) }, "\(text)")
      #expect(Mutant.all.contains { $0.id == id && $0.caseName == id.caseName }, "\(text)")
    }
  }

  @Test("the case fails, and says what is wrong", arguments: Mutant.all)
  func isFound(_ mutant: Mutant) throws {
    let outcome = try FaultSuite.run(mutant.caseName, nodes: mutant.nodes)
    #expect(outcome.verdict == .failed(mutant.type), "\(outcome.message)")
    #expect(mutant.says(outcome.message), "\(outcome.message)")
  }

  @Test(
    "a message is held against what is expected, but for stars",
    arguments: [
      ("abc", "abc", true), ("abc", "abcd", false), ("abc", "ab", false), ("a*c", "a-b-c", true),
      ("a*c", "a-b-d", false), ("a*b*c", "axbyc", true), ("a*b*c", "axyc", false), ("a*", "a", true),
      ("a*", "b", false),
    ])
  func stars(pattern: String, text: String, fits: Bool) {
    let mutant = Mutant(.delayed, "", at: "rc", .expectation, pattern) { $0 }
    #expect(mutant.says(text) == fits)
  }

  @Test(
    "the same case passes with the models of the product", arguments: Set(Mutant.all.map(\.caseName)).sorted()
  )
  func passesOtherwise(_ name: String) throws {
    let outcome = try FaultSuite.run(name, nodes: ProductNodes())
    #expect(outcome.verdict == .passed, "\(outcome.message)")
  }
}
