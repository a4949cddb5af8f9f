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

  /// Which cases may go on with the root complex of which others, by numbers of such groups; else nil.
  var groups: [Int?] {
    var numbers: [Group: Int] = [:]
    return cases.indices.map { number in
      let instance = instance(number)
      guard cases[number].skipReason == nil, instance.topology.keptRoot != nil else { return nil }
      let group = Group(suite: cases[number].suite, wiring: instance.wiring)
      if let known = numbers[group] { return known }
      numbers[group] = numbers.count
      return numbers.count - 1
    }
  }

  private struct Group: Hashable {
    let suite: Int
    let wiring: Topology
  }

  /// What there is for cases that run side by side.
  var capacity: CaseWeight { CaseWeight(slots: slots, memory: memory) }

  /// What a case takes: a slot for each processor that its boards need, and their memory; at most all.
  func weight(_ number: Int) -> CaseWeight {
    var sum = CaseWeight(slots: 0, memory: 0)
    for node in instance(number).topology.outsideNodes {
      let needs = places.boards[node.board.board]?.board.needs
      sum = sum.adding(CaseWeight(slots: needs?.cores ?? 1, memory: needs?.memory ?? 0))
    }
    return CaseWeight(slots: min(max(1, sum.slots), slots), memory: min(sum.memory, memory))
  }
}

extension TimeoutScale {
  /// Both factors in one; past the largest it stays there.
  func multiplied(by other: TimeoutScale) -> TimeoutScale {
    let (product, overflow) = thousandths.multipliedReportingOverflow(by: other.thousandths)
    return TimeoutScale(thousandths: overflow ? .max / 1000 : max(1, product / 1000))
  }
}
