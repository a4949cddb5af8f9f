import PCIe

/// The violations that steps expect by the status they name.
struct ExpectedViolations {
  /// How many steps in progress expect one.
  private var pending: [Violation: Int] = [:]
  /// Those that any step has expected, whose error bits may stay set.
  private(set) var met: Set<Violation> = []

  mutating func begin(_ violation: Violation?) {
    guard let violation else { return }
    pending[violation, default: 0] += 1
    met.insert(violation)
  }

  mutating func end(_ violation: Violation?) {
    if let violation { pending[violation, default: 0] -= 1 }
  }

  /// Whether a step in progress expects one.
  func isExpected(_ violation: Violation) -> Bool { pending[violation, default: 0] > 0 }
}
