/// The lines of the Test Anything Protocol, and of what the Linux kernel made of it.
///
/// A test that has subtests is told by these; its own line only closes them.
/// - Source: TAP 14, testanything.org; KTAP 1, Documentation/dev-tools/ktap.rst of Linux 6.1.
struct TAPGrammar: TestGrammar {
  /// The tests of one indentation.
  private struct Level {
    let indent: Int
    var name: String
    var plan: Int?
    var count = 0
    var hasFailed = false
  }

  private var levels: [Level] = []
  /// The name of the subtests that come next.
  private var nextName = ""
  /// Whether the lines are a block of YAML.
  private var isBlock = false

  mutating func read(_ line: TestLine, into run: inout TestRun) {
    if isBlock {
      if line.text == "..." { isBlock = false } else { run.note(line.text) }
    } else if line.after("TAP version ") != nil || line.after("KTAP version ") != nil {
      enter(line.indent)
    } else if let plan = line.after("1..") {
      self.plan(plan, line.indent, in: &run)
    } else if let name = line.after("# Subtest: ") {
      subtest(name, line.indent)
    } else if let rest = line.after("ok") {
      test(rest, hasPassed: true, line.indent, in: &run)
    } else if let rest = line.after("not ok") {
      test(rest, hasPassed: false, line.indent, in: &run)
    } else if let reason = line.after("Bail out!") {
      run.finish("it bailed out:\(TestRun.cut(reason))")
    } else if line.text == "---", !levels.isEmpty {
      isBlock = true
    } else if let note = line.after("# "), !levels.isEmpty {
      run.note(note)
    }
  }

  /// Begins the tests of an indentation, unless they have begun.
  private mutating func enter(_ indent: Int) {
    if let last = levels.last, last.indent >= indent { return }
    levels.append(Level(indent: indent, name: levels.isEmpty ? "" : nextName))
    nextName = ""
  }

  private mutating func subtest(_ name: Substring, _ indent: Int) {
    if let last = levels.last, last.indent == indent, last.count == 0, last.plan == nil, levels.count > 1 {
      levels[levels.count - 1].name = TestRun.cut(name)
    } else {
      nextName = TestRun.cut(name)
      if let last = levels.last, last.indent < indent { enter(indent) }
    }
  }

  /// `4`, with the reason behind `# SKIP` where nothing is run.
  private mutating func plan(_ rest: Substring, _ indent: Int, in run: inout TestRun) {
    let (number, directive) = Self.split(rest)
    guard let count = Int(number) else { return }
    enter(indent)
    guard levels.last?.indent == indent else { return }
    if levels[levels.count - 1].plan != nil { return run.complain("it has two plans") }
    levels[levels.count - 1].plan = count
    if levels.count == 1, count == 0, let reason = directive?.reason {
      run.end("all", .skipped, reason: reason)
    }
    finishIfDone(&run)
  }

  /// ` 2 - name # directive`.
  private mutating func test(
    _ rest: Substring, hasPassed: Bool, _ indent: Int, in run: inout TestRun
  ) {
    guard rest.isEmpty || rest.first == " " else { return }
    let (text, directive) = Self.split(rest)
    var words = text
    let number = Int(words.prefix { $0 != " " })
    if number != nil { words = words.drop { $0 != " " }.drop { $0 == " " } }
    if words.hasPrefix("- ") { words = words.dropFirst(2) }
    enter(indent)
    var children: Level?
    while levels.count > 1, let last = levels.last, last.indent > indent {
      children = last
      levels.removeLast()
      check(last, in: &run)
    }
    let level = levels.count - 1
    let own = words.isEmpty ? "\(number ?? levels[level].count + 1)" : TestRun.cut(words)
    let name = (levels.dropFirst().map(\.name).filter { !$0.isEmpty } + [own]).joined(separator: ".")
    let outcome = Self.outcome(hasPassed, directive)
    // A group that fails for itself is told as a test of its own.
    if children.map({ $0.count == 0 || outcome == .failed && !$0.hasFailed }) ?? true {
      run.end(name, outcome, reason: directive?.reason ?? "")
      if outcome == .failed, run.results.last?.lines.isEmpty ?? false { run.explain() }
    }
    if outcome == .failed { levels[level].hasFailed = true }
    levels[level].count += 1
    if let number, number != levels[level].count {
      run.complain("test \(number) of its group is told in place \(levels[level].count)")
    }
    finishIfDone(&run)
  }

  private func check(_ level: Level, in run: inout TestRun) {
    guard let plan = level.plan, plan != level.count else { return }
    run.complain("'\(level.name)' has planned \(plan) tests, and \(level.count) have a result")
  }

  private func finishIfDone(_ run: inout TestRun) {
    guard levels.count == 1, let plan = levels[0].plan, levels[0].count >= plan else { return }
    if levels[0].count > plan {
      run.complain("it has planned \(plan) tests, and \(levels[0].count) have a result")
    }
    run.finish()
  }

  private struct Directive {
    let word: String
    let reason: String
  }

  /// The text before a directive, and that.
  private static func split(_ rest: Substring) -> (Substring, Directive?) {
    let text = rest.drop { $0 == " " }
    guard let mark = text.lastIndex(of: "#"), mark == text.startIndex || text[..<mark].last == " " else {
      return (text, nil)
    }
    let words = text[text.index(after: mark)...].drop { $0 == " " }
    let word = words.prefix { $0.isLetter }.uppercased()
    guard directives.contains(word) else { return (text, nil) }
    let before = text[..<mark]
    let end = before.lastIndex { $0 != " " }
    let reason = word == "EXIT" ? words : words.dropFirst(word.count).drop { $0 == " " || $0 == ":" }
    return (end.map { before[...$0] } ?? "", Directive(word: word, reason: TestRun.cut(reason)))
  }

  /// What follows `#` with a meaning; kselftest tells by the last of them how a program ended.
  private static let directives: Set<String> = [
    "SKIP", "SKIPPED", "TODO", "XFAIL", "TIMEOUT", "ERROR", "EXIT",
  ]

  private static func outcome(_ hasPassed: Bool, _ directive: Directive?) -> TestResult.Outcome {
    switch directive?.word {
    case "SKIP", "SKIPPED", "XFAIL": .skipped
    case "TODO": hasPassed ? .passed : .skipped
    default: hasPassed ? .passed : .failed
    }
  }
}
