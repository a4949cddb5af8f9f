import RunEvents

/// What is shown of a case that went wrong: where, what was on the wire, and how to see it again.
struct FailureBlock: Sendable {
  /// The lines of each console that are shown.
  static let consoleLinesMax = 10
  /// The columns of the labels `replay` and `capture`, with the space behind them.
  private static let labelWidth = 9

  var suite: SuiteSummary
  var clock: Clock
  var log: CaseLog
  var outcome: CaseOutcome
  /// The folder of the run, to which captures are relative.
  var outputDirectory: String?
  /// The columns there are for the source line.
  var width: Int?

  /// The lines, indented, without empty ones around them.
  var lines: [StyledLine] {
    var lines = [headline]
    lines += place
    lines += outcome.failure?.facts.map { StyledLine("    \($0)") } ?? []
    lines += WireBlock(self).lines
    for text in log.faults.texts(path: suite.path) { lines.append(label("fault", text)) }
    lines += consoles
    for leak in log.leaks { lines.append(label("left", "\(leak.node), \(Self.process(leak))")) }
    if let loss = log.loss { lines.append(label("worker", loss.cause)) }
    if let seeds = outcome.seeds, let failing = seeds.failing {
      lines.append(label("seed", "run \(seeds.run) of \(seeds.count), \(Format.hexadecimal(failing))"))
    }
    lines += minimal
    lines.append(label("replay", ReplayCommand.text(suite: suite, started: log.started)))
    for capture in outcome.failure?.captures ?? [] {
      let path = outputDirectory.map { "\($0)/\(capture)" } ?? capture
      let lost = log.captures.first { $0.file == capture }?.lost ?? 0
      lines.append(label("capture", lost > 0 ? "\(path), without \(lost) earlier records" : path))
    }
    for problem in log.captures.compactMap(\.problem) { lines.append(label("capture", problem)) }
    return lines
  }

  private var headline: StyledLine {
    var line = StyledLine("  ")
    line.add(log.started.id, .strong)
    line.add(": ")
    let message = PlainText.oneLine(outcome.message)
    line.add(message.isEmpty ? outcome.verdict.type ?? outcome.verdict.word : message, .strong)
    return line
  }

  private func label(_ label: String, _ text: String) -> StyledLine {
    var line = StyledLine("    ")
    line.add(Format.right(label, Self.labelWidth), .faint)
    line.add(PlainText.oneLine(text))
    return line
  }

  /// A process that was left behind, in words.
  static func process(_ leak: Leak) -> String {
    "pid \(leak.pid) '\(leak.command)' (\(leak.killed ? "killed" : "still running"))"
  }
}

extension FailureBlock {
  /// The step to show: the one that failed, else the last one that began.
  private var step: StepPlace? {
    if let step = outcome.failure?.step { return step }
    guard let last = log.step else { return nil }
    return StepPlace(index: last.index, span: last.span, excerpt: last.excerpt ?? "")
  }

  private var place: [StyledLine] {
    guard let step else { return [] }
    let span = step.span
    var line = StyledLine("    ")
    line.add("\(span.file ?? suite.path):\(span.line):\(span.column)", .name)
    if let index = step.index { line.add("   \(Self.words(index))") }
    if outcome.failure?.step == nil { line.add(" was the last to begin") }
    return [line] + excerpt(step)
  }

  /// The source line with the step marked under it.
  private func excerpt(_ step: StepPlace) -> [StyledLine] {
    guard !step.excerpt.isEmpty else { return [] }
    let number = String(step.span.line)
    let gutter = Format.left(number, max(2, number.count))
    var source = StyledLine("      \(gutter) | ", .faint)
    let before = source.width
    source.add(step.excerpt)
    var marks = StyledLine("      \(String(repeating: " ", count: gutter.count)) | ", .faint)
    let start = max(0, min(step.span.column - 1, step.excerpt.count))
    marks.add(String(repeating: " ", count: start))
    marks.add(String(repeating: "^", count: max(1, min(step.span.length, step.excerpt.count - start))), .bad)
    guard let width, source.width > width, width > before + 20 else { return [source, marks] }
    return [source.cut(to: width), marks.width > width ? marks.cut(to: width) : marks]
  }

  /// The place of a step in words, from the outside in.
  static func words(_ index: StepIndex) -> String {
    index.levels.map { level in
      let step = "step \(level.index) of \(level.count)"
      return switch level.scope {
      case .steps: step
      case .setup: "setup \(step)"
      case .pass(let pass, let passes): "pass \(pass) of \(passes), \(step)"
      case .branch(let branch, let branches): "branch \(branch) of \(branches), \(step)"
      case .fault(let rule, let rules): "fault \(rule) of \(rules), \(step)"
      }
    }.joined(separator: ", ")
  }
}

extension FailureBlock {
  /// The smaller case that fails in the same way, as a suite to be copied.
  private var minimal: [StyledLine] {
    guard let minimal = outcome.failure?.minimal else { return [] }
    let size = "\(Format.count(minimal.faults, "fault")), \(Format.count(minimal.steps, "step"))"
    return [label("minimal", "\(size); found in \(Format.count(minimal.runs, "run")):")]
      + minimal.lines.map { StyledLine("      " + PlainText.oneLine($0)) }
  }

  /// The last lines of each console, then in one line the nodes that said nothing.
  private var consoles: [StyledLine] {
    var lines: [StyledLine] = []
    for node in log.consoles.keys.sorted() {
      guard let console = log.consoles[node] else { continue }
      let last = console.last(Self.consoleLinesMax)
      lines.append(
        StyledLine("    console \(node), " + Self.share(last.count, of: UInt64(console.count), "line")))
      let scale = TimeScale(last.map(\.time), decimalsMax: 6)
      for entry in last {
        var line = StyledLine("      ")
        line.add(scale.text(entry.time), .faint)
        line.add("  " + entry.text)
        lines.append(line)
      }
    }
    let silent = outcome.failure?.nodes.filter { log.consoles[$0] == nil } ?? []
    if !silent.isEmpty {
      lines.append(StyledLine("    console \(silent.joined(separator: ", ")): no output"))
    }
    return lines
  }

  /// How many of how many are shown: `last 4 of 7 TLPs`, or `4 TLPs` when it is all of them.
  static func share(_ shown: Int, of count: UInt64, _ noun: String) -> String {
    if UInt64(shown) >= count { return Format.count(shown, noun) }
    return "last \(shown) of \(Format.count(count, noun))"
  }
}
