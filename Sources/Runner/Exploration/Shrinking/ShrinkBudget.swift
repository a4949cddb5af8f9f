/// What making a case smaller may cost, in units that depend on the case alone.
struct ShrinkBudget: Hashable, Sendable {
  /// The runs that may still be made.
  var runs: Int
  /// The TLPs and steps that may still be performed.
  var work: UInt64

  /// A few seconds of one core.
  static let usual = ShrinkBudget(runs: 600, work: 2_000_000)

  var isSpent: Bool { runs <= 0 || work == 0 }

  mutating func take(_ trial: Trial) {
    runs -= 1
    work -= min(work, max(1, trial.work))
  }
}
