public import RunEvents

/// What a person sees of a run, while it runs and afterwards.
///
/// A pure fold: each call answers with the bytes to write now. On a terminal the last lines show what is
/// running and are drawn anew; everywhere else there is one line per case and nothing is redrawn.
public struct ConsoleReport: Sendable {
  var options: ConsoleOptions
  var state = RunState()
  /// Whether the run has ended: nothing is redrawn any more.
  private(set) var isOver = false
  /// The time since the run began, as the last tick told.
  var now: UInt64 = 0
  /// When each running case began, by `now`.
  var begun: [Int: UInt64] = [:]
  /// The lines of the progress display that stand on the terminal.
  var drawnLines = 0
  /// The red cases, to be told again when they have scrolled away.
  var redLines: [StyledLine] = []
  /// The lines written since the first red case began.
  var linesSinceRed = 0
  /// The skipped cases by reason, in the order in which the reasons appeared.
  var skips: [(reason: String, count: Int)] = []
  /// Whether the line written last is empty.
  private var endsEmpty = false
  /// The sum of the times of all cases.
  var casesNanoseconds: UInt64 = 0

  /// Makes a report of a run that has not begun.
  public init(options: ConsoleOptions = ConsoleOptions()) { self.options = options }

  /// Takes the next event and answers with the bytes to write.
  public mutating func add(_ event: Event) -> [UInt8] {
    let ending = state.add(event)
    switch event.kind {
    case .runStarted(let run): return write(header(run))
    case .caseStarted:
      if let origin = event.origin { begun[origin.instance] = now }
    case .slow(let mark): return write(slow(mark, of: event.origin))
    case .workerLost(let lost) where event.origin == nil:
      return write([StyledLine("worker lost: \(lost.cause)", .warning)])
    case .tryEnded, .caseEnded:
      guard let ending, let origin = event.origin else { break }
      begun[origin.instance] = nil
      return write(lines(ending))
    case .runEnded(let end):
      isOver = true
      return write(summary(end))
    default: break
    }
    return []
  }

  /// Draws the progress display anew; call it a few times per second on a terminal.
  ///
  /// - Units: nanoseconds since the run began.
  public mutating func tick(nanoseconds: UInt64) -> [UInt8] {
    now = nanoseconds
    return write([])
  }

  /// Takes the new size of the terminal.
  public mutating func resize(to size: TerminalSize) -> [UInt8] {
    guard options.terminal != nil else { return [] }
    options.terminal = size
    return write([])
  }

  /// A closing line that says where a file is: `report   build/junit.xml`.
  public func path(_ label: String, _ path: String) -> [UInt8] {
    var line = StyledLine("  ")
    line.add(Format.right(label, 9), .faint)
    line.add(path)
    var bytes: [UInt8] = []
    line.render(colour: options.hasColor, into: &bytes)
    return bytes
  }

  /// Lines above the progress display, which moves down.
  private mutating func write(_ lines: [StyledLine]) -> [UInt8] {
    var bytes: [UInt8] = []
    if drawnLines > 0 { bytes.append(contentsOf: "\u{1b}[\(drawnLines)A\r\u{1b}[J".utf8) }
    drawnLines = 0
    for line in lines {
      // A block has an empty line before and behind it, and two blocks have one between them.
      if line.pieces.isEmpty && endsEmpty { continue }
      endsEmpty = line.pieces.isEmpty
      line.render(colour: options.hasColor, into: &bytes)
    }
    if !redLines.isEmpty { linesSinceRed += lines.count }
    guard let size = options.terminal else { return bytes }
    let progress = progressLines(size)
    for line in progress { line.cut(to: size.columns - 1).render(colour: options.hasColor, into: &bytes) }
    drawnLines = progress.count
    return bytes
  }
}

extension ConsoleReport {
  private func header(_ run: RunStarted) -> [StyledLine] {
    var line = StyledLine(" run ")
    line.add(run.run, .strong)
    line.add("  seed ")
    line.add(Format.hexadecimal(run.seed), .strong)
    line.add("  \(Format.count(run.suites.count, "suite")), \(Format.count(run.caseCount, "case"))")
    if let slots = run.slots { line.add("  \(Format.count(slots, "slot"))") }
    if let partition = run.partition { line.add("  partition \(partition)") }
    return [line]
  }

  /// The columns of suite names: those of the longest one of the run.
  private var suiteWidth: Int { state.run?.suites.map(\.name.count).max() ?? 0 }

  func status(_ word: String, _ style: TextStyle, time: String, of started: CaseStarted) -> StyledLine {
    StatusLine.line(
      word, style, time: time, suite: state.suite(of: started).name, suiteWidth: suiteWidth,
      name: started.name)
  }

  private mutating func lines(_ ending: RunState.Ending) -> [StyledLine] {
    let outcome = ending.outcome
    if ending.isFinal { casesNanoseconds &+= outcome.shownNanoseconds }
    if outcome.verdict == .skipped(.requirement) {
      count(skip: outcome.message)
      return []
    }
    let (word, style) = StatusLine.word(ending)
    let time = Format.seconds(nanoseconds: outcome.shownNanoseconds, decimals: 3) + "s"
    var line = status(word, style, time: time, of: ending.log.started)
    line.add(StatusLine.tail(ending))
    guard outcome.verdict.isRed else { return [line] }
    if ending.isFinal { redLines.append(line) }
    let block = FailureBlock(
      suite: state.suite(of: ending.log.started), clock: state.clock, log: ending.log, outcome: outcome,
      outputDirectory: options.outputDirectory, width: options.terminal?.columns)
    return [line, StyledLine()] + block.lines + [StyledLine()]
  }

  private mutating func count(skip message: String) {
    let reason = PlainText.oneLine(message)
    if let index = skips.firstIndex(where: { $0.reason == reason }) {
      skips[index].count += 1
    } else {
      skips.append((reason, 1))
    }
  }

  private func slow(_ mark: SlowMark, of origin: CaseKey?) -> [StyledLine] {
    guard let origin, let log = state.open[origin.instance] else { return [] }
    let seconds = Format.seconds(nanoseconds: mark.elapsed / 1000, decimals: 3)
    let time = ">" + Format.left(seconds + "s", StatusLine.timeWidth - 1)
    var line = status("SLOW", .warning, time: time, of: log.started)
    if let step = log.step { line.add("   step \(step.index) \(step.text)") }
    return [line]
  }
}
