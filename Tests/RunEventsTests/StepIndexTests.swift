import RunEvents
import Testing

@Suite("Step index")
struct StepIndexTests {
  static let texts: [(StepIndex, String)] = [
    (StepIndex(2, of: 3), "2/3"),
    (StepIndex(levels: [.init(1, of: 2, in: .setup)]), "setup 1/2"),
    (StepIndex(3, of: 5).nested(1, of: 4, in: .pass(2, of: 10)), "3/5 pass 2/10 1/4"),
    (
      StepIndex(3, of: 5).nested(2, of: 3, in: .branch(1, of: 2)).nested(1, of: 1, in: .pass(7, of: 7)),
      "3/5 branch 1/2 2/3 pass 7/7 1/1"
    ),
    (StepIndex(levels: [.init(1, of: 1, in: .fault(2, of: 4))]), "fault 2/4 1/1"),
  ]

  @Test("text and back", arguments: texts)
  func text(index: StepIndex, text: String) {
    #expect(index.description == text)
    #expect(StepIndex(text) == index)
  }

  @Test(
    "what is no index",
    arguments: [
      "", " ", "1", "0/1", "1/0", "-1/2", "1/2/3", "a/b", "1/2 ", " 1/2", "setup", "pass 1/2", "pass 1 1/2",
      "branch", "fault 1/2", "1/2  1/2", "loop 1/2 1/2", "99999999999999999999/2",
    ])
  func none(text: String) { #expect(StepIndex(text) == nil) }
}
