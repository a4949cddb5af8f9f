import SuiteLanguage

// What the boards of a case ask for.
extension RunConfiguration {
  /// The factor on the timeouts of a case: that of the run times the largest of its boards.
  func timeoutScale(_ number: Int) -> TimeoutScale {
    let boards = places.boards(of: instance(number)).map(\.timeoutScale).max() ?? 1000
    return limits.timeoutScale.multiplied(by: TimeoutScale(thousandths: boards))
  }

  /// The time a case has on its own clock.
  func timeout(_ number: Int) -> TimeSpan {
    timeoutScale(number).applied(to: instance(number).settings.timeout)
  }

  /// What a case has on top of it before its worker is killed: a board's processes have their grace too.
  func grace(_ number: Int) -> TimeSpan {
    let stops = places.boards(of: instance(number)).map(\.stop.grace)
    return TimeSpan(
      picoseconds: stops.reduce(limits.grace.picoseconds) {
        max($0, limits.grace.picoseconds &+ $1.picoseconds)
      })
  }

  /// The slots that a case takes: as many as its boards need processors, and at most all.
  func weight(_ number: Int) -> Int {
    let cores = instance(number).topology.outsideNodes.reduce(0) {
      $0 + (places.boards[$1.board.board]?.board.needs.cores ?? 1)
    }
    return min(max(1, cores), slots)
  }
}

extension TimeoutScale {
  /// Both factors in one; past the largest it stays there.
  func multiplied(by other: TimeoutScale) -> TimeoutScale {
    let (product, overflow) = thousandths.multipliedReportingOverflow(by: other.thousandths)
    return TimeoutScale(thousandths: overflow ? .max / 1000 : max(1, product / 1000))
  }
}
