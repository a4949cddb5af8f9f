import RunEvents

extension ConsoleReport {
  /// The most running cases that are shown.
  static let runningMax = 8
  /// The smallest terminal on which something is redrawn.
  private static let columnsMin = 20
  private static let rowsMin = 4
  /// The columns of the bar.
  private static let barWidth = 24

  /// The progress display: the bar, and the running cases with their step.
  func progressLines(_ size: TerminalSize) -> [StyledLine] {
    guard state.run != nil, !isOver, state.totals.notRun > 0 else { return [] }
    guard size.columns >= Self.columnsMin, size.rows >= Self.rowsMin else { return [] }
    let running = state.open.keys.sorted { (begun[$0] ?? 0, $0) < (begun[$1] ?? 0, $1) }
    // One line stays free: a display as high as the terminal would scroll and could not be drawn over.
    let room = min(Self.runningMax, size.rows - 3)
    var lines = [bar]
    for instance in running.prefix(room) {
      if let log = state.open[instance] { lines.append(line(log, instance)) }
    }
    if running.count > room {
      let indent = String(repeating: " ", count: StatusLine.wordWidth)
      lines.append(StyledLine("\(indent) and \(running.count - room) more running", .faint))
    }
    return lines
  }

  private var bar: StyledLine {
    let totals = state.totals
    let done = Self.barWidth * totals.ended / max(1, totals.selected)
    var line = StyledLine(Format.left("Running", StatusLine.wordWidth), .strong)
    let time = Format.seconds(nanoseconds: now, decimals: 1) + "s"
    line.add(" [\(Format.left(time, StatusLine.timeWidth))] ", .faint)
    line.add(String(repeating: "━", count: done), totals.failed + totals.errors > 0 ? .bad : .good)
    line.add(String(repeating: "─", count: Self.barWidth - done), .faint)
    line.add("  \(totals.ended)/\(totals.selected)")
    for (part, style) in Self.parts(totals) {
      line.add("  ")
      line.add(part, style)
    }
    return line
  }

  private func line(_ log: CaseLog, _ instance: Int) -> StyledLine {
    let begun = min(begun[instance] ?? now, now)
    let time = Format.seconds(nanoseconds: now - begun, decimals: 1) + "s"
    var line = status("", .plain, time: time, of: log.started)
    if let seed = log.seed { line.add("  seed \(seed.index)/\(seed.count)", .faint) }
    if let step = log.step { line.add("   step \(step.index) \(step.text)", .faint) }
    return line
  }

  /// The counts that are not zero, each with its meaning.
  static func parts(_ totals: RunTotals) -> [(String, TextStyle)] {
    var parts: [(String, TextStyle)] = []
    func add(_ count: Int, _ text: String, _ style: TextStyle) {
      if count > 0 { parts.append((text, style)) }
    }
    add(totals.passed, "\(totals.passed) passed", .good)
    add(totals.failed, "\(totals.failed) failed", .bad)
    add(totals.errors, Format.count(totals.errors, "error"), .bad)
    add(totals.skipped, "\(totals.skipped) skipped", .known)
    add(totals.knownFailures, Format.count(totals.knownFailures, "known failure"), .known)
    return parts
  }
}
