import RunEvents

extension ConsoleReport {
  /// The lines at the end: totals, a line per reason of a skip, and red cases that have scrolled away.
  func summary(_ end: RunEnded) -> [StyledLine] {
    var lines = [StyledLine(), totals(end)]
    lines += unfinished
    for skip in skips {
      lines.append(StyledLine("  \(skip.count) skipped: \(skip.reason)"))
    }
    if linesSinceRed > (options.terminal?.rows ?? 24) { lines += redLines }
    return lines
  }

  /// The cases that were running when the run was ended early.
  private var unfinished: [StyledLine] {
    let logs = state.open.keys.sorted().compactMap { state.open[$0] }
    var lines = logs.prefix(Self.runningMax).map { log in
      StyledLine(
        "  not ended: \(log.started.id)" + (log.step.map { ", in step \($0.index) \($0.text)" } ?? ""))
    }
    if logs.count > lines.count { lines.append(StyledLine("  not ended: \(logs.count - lines.count) more")) }
    return lines
  }

  private func totals(_ end: RunEnded) -> StyledLine {
    let totals = end.totals
    let isRed = totals.failed + totals.errors > 0 || totals.notRun > 0
    let time = Format.seconds(nanoseconds: end.wallNanoseconds ?? casesNanoseconds, decimals: 1) + "s"
    var line = StyledLine(" Summary", isRed ? .bad : .good)
    line.add(" [\(Format.left(time, 7))]", .faint)
    line.add(" \(Format.count(totals.selected, "case")):")
    var separator = " "
    for (part, style) in Self.parts(totals) {
      line.add(separator)
      line.add(part, style)
      separator = ", "
    }
    if totals.notRun > 0 {
      line.add(separator)
      line.add("\(totals.notRun) not run", .bad)
      separator = ", "
    }
    if totals.flaky > 0 { line.add(" (\(totals.flaky) flaky)", .warning) }
    if totals.selected == 0 { line.add(" nothing was selected") }
    if let signal = end.signal {
      line.add("; interrupted by \(signal == 15 ? "SIGTERM" : "SIGINT")", .warning)
    }
    return line
  }
}
