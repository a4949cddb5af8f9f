import Nodes
import RunEvents
import SuiteLanguage

/// The tests of a node's program, as far as its console has told of them.
struct NodeTests {
  private(set) var reader: TestReader
  /// What was printed before the first line that was read, and is no longer kept.
  private var lostBytes: UInt64 = 0
  private var told = 0

  init(_ form: TestForm) { reader = TestReader(TestFormat(form)) }

  /// Reads what has come, as far as the end of the tests; answers whether more of them may come.
  mutating func read(_ console: inout Console, isSilent: Bool) -> Bool {
    while !reader.run.isOver, let line = console.takeLine(for: "tests", isSilent: isSilent) {
      lostBytes += line.lostBytes
      reader.read(line.text)
    }
    return !reader.run.isOver && !isSilent
  }

  /// The tests that are over and were not given before.
  mutating func takeNews(of node: String) -> [TestRecord] {
    let new = reader.run.results[min(told, reader.run.settled)..<reader.run.settled]
    told = max(told, reader.run.settled)
    return new.map { TestRecord($0, of: node) }
  }

  /// What is wrong with them, nothing more to come; nil when all is well.
  func failure(of node: String) -> StepFailure? {
    let results = reader.run.results
    let failed = results.filter { $0.outcome == .failed }
    if let first = failed.first {
      let more = failed.count > 1 ? " and \(failed.count - 1) more" : ""
      return .expectation(
        "\(failed.count) of \(results.count) tests of \(node) failed: \(first.name)\(more)",
        facts: Self.facts(failed) + (reader.complaint.map { [$0] } ?? []), subject: "tests \(first.name)")
    }
    return reader.complaint.map {
      .expectation("the tests of \(node) did not come to a good end: \($0)", facts: facts, subject: "tests")
    }
  }

  /// How far they are, for the report of something else.
  var facts: [String] {
    let count = reader.run.results.count
    return ["\(count) \(count == 1 ? "test has" : "tests have") a result so far"]
      + (lostBytes > 0 ? ["\(lostBytes) bytes of the console were gone before they were read"] : [])
  }

  private static let factsMax = 8

  private static func facts(_ failed: [TestResult]) -> [String] {
    let lines = failed.prefix(factsMax).flatMap { result in [result.name] + result.lines.map { "  \($0)" } }
    let rest = failed.count - factsMax
    return lines + (rest > 0 ? ["and \(rest) more"] : [])
  }
}

extension TestFormat {
  init(_ form: TestForm) {
    self =
      switch form {
      case .ztest: .ztest
      case .tap: .tap
      case .googleTest: .googleTest
      }
  }
}

extension TestRecord {
  init(_ result: TestResult, of node: String) {
    let outcome: Outcome =
      switch result.outcome {
      case .passed: .passed
      case .failed: .failed
      case .skipped: .skipped
      }
    self.init(node: node, name: result.name, outcome, lines: result.lines, nanoseconds: result.duration)
  }
}

extension OutsideNode {
  /// Reads on in what a step waits for; whether the program has told of all its tests, or can no more.
  func hasToldTests(_ form: TestForm) -> Bool {
    var tests = talk.tests ?? NodeTests(form)
    let isSilent = process.map(\.isSilent) ?? true
    let goesOn = withConsole { tests.read(&$0, isSilent: isSilent) }
    talk.tests = tests
    return !goesOn
  }
}
