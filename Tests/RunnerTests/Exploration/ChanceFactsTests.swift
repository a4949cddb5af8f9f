import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

/// What was drawn, as rules without chance.
@Suite struct ChanceFactsTests {
  /// The rule that stands for what another one drew, as suites write it.
  private func fact(_ rule: String, drawn: UInt64) throws -> [FaultRule] {
    let text = ExplorationFixture.single.replacing(
      "c: {steps: []}", with: "c: {steps: [], faults: [{\(rule)}]}")
    let plan = try #require(SuiteLoader.load(path: "s.yaml", bytes: Array(text.utf8)).plan)
    var strike = StruckFault(
      rule: 1, id: "x", verb: "corrupt", span: RunEvents.SourceSpan(line: 1, column: 1, length: 1))
    (strike.match, strike.drawn) = (3, drawn)
    return ChanceFacts.rules(plan.instances[0].faults, struck: [strike])
  }

  @Test(
    arguments: [
      ("tlp: CplD, probability: 50%, field: tag", CorruptField.tag, 0x21 as UInt64?),
      ("tlp: CplD, probability: 50%, field: byte_count", .byteCount, 0x21),
      ("tlp: MRd, probability: 50%, field: type", .type, 0x21),
      // The number of the bit that was flipped.
      ("tlp: MWr, probability: 50%, field: payload", .payload, nil),
      ("tlp: MWr, probability: 50%, field: max_payload", .maxPayload, nil),
      ("tlp: MWr, probability: 50%, field: ecrc", .ecrc, nil),
      // Given in a suite it may be a Length that is right.
      ("tlp: MRd, probability: 50%, field: length", .length, nil),
    ])
  func aFieldKeepsWhatWasDrawnWhereThatIsItsValue(rule: String, field: CorruptField, value: UInt64?) throws {
    let facts = try fact("corrupt: {link: l0, \(rule)}", drawn: 0x21)
    #expect(facts.map(\.action) == [.corrupt(field, value: value)])
    #expect(facts.map(\.trigger.selection) == [.nth(3)])
  }
}
