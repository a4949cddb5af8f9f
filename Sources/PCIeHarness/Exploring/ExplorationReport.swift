import Reports
import RunEvents
import Runner
import SuiteLanguage

/// What `explore` says: failures as they come, totals at the end, progress on the standard error.
///
/// What goes to the standard output depends on the plan and the number of schedules alone; rates do not, and
/// go to the standard error.
struct ExplorationReport {
  private let plan: ExplorationPlan
  private let path: String
  private var schedules = 0
  private var failed = 0
  private var broken = 0
  private var counts = CaseCounts()
  private var strikes: [String: UInt64] = [:]
  private var told: UInt64 = 0
  /// The suite of the first schedule that failed.
  private(set) var firstFailing: String?

  /// How often progress is told.
  private static let interval: UInt64 = 2_000_000_000

  init(plan: ExplorationPlan, path: String) {
    self.plan = plan
    self.path = path
  }

  var exitCode: RunEvents.ExitCode {
    if failed > 0 { return .failed }
    return broken > 0 ? .couldNotRun : .success
  }

  func begin() {
    let ids = plan.faultIDs.map(\.rawValue)
    Speech.say("explore  \(path), schedule \(plan.schedule.rawValue), seed \(Self.hex(plan.seed))")
    let text = ids.isEmpty ? "none" : ids.joined(separator: ", ")
    for line in TextTable.wrapped("faults \(text)", width: 100) { Speech.say(line) }
  }

  mutating func add(_ schedule: ExploredSchedule, nanoseconds: UInt64) {
    schedules += 1
    counts.tlps &+= schedule.counts.tlps
    counts.steps &+= schedule.counts.steps
    counts.checks &+= schedule.counts.checks
    for (id, count) in schedule.strikes { strikes[id, default: 0] += count }
    if schedule.hasFailed { tell(schedule) }
    guard StandardStream.error.isTerminal, nanoseconds >= told + Self.interval else { return }
    told = nanoseconds
    Speech.complain("\(schedules) schedules, \(counts.tlps) TLPs, \(failed + broken) failed")
  }

  private mutating func tell(_ schedule: ExploredSchedule) {
    if case .error = schedule.outcome.verdict { broken += 1 } else { failed += 1 }
    let type = schedule.outcome.verdict.type ?? schedule.outcome.verdict.word
    Speech.say("")
    Speech.say(
      "FAIL  schedule \(schedule.number + 1), seed \(Self.hex(schedule.seed)): "
        + "\(schedule.outcome.message) [\(type)]")
    for fact in schedule.outcome.failure?.facts ?? [] { Speech.say("      \(fact)") }
    if let minimal = schedule.outcome.failure?.minimal {
      Speech.say(
        "  minimal, \(minimal.faults) fault\(minimal.faults == 1 ? "" : "s") and "
          + "\(minimal.steps) step\(minimal.steps == 1 ? "" : "s"), found in \(minimal.runs) runs:")
    } else {
      Speech.say("  not made smaller:")
    }
    for line in schedule.bestSuite.split(separator: "\n") { Speech.say("    \(line)") }
    firstFailing = firstFailing ?? schedule.bestSuite
  }

  func finish(nanoseconds: UInt64) {
    Speech.say("")
    Speech.say(
      "\(schedules) schedule\(schedules == 1 ? "" : "s"), \(failed + broken) failed; \(counts.steps) steps, "
        + "\(counts.checks) checks, \(counts.tlps) TLPs")
    let listed = FaultID.allCases.map(\.rawValue).compactMap { id in strikes[id].map { "\(id) \($0)" } }
    let text = "strikes " + (listed.isEmpty ? "none" : listed.joined(separator: ", "))
    for line in TextTable.wrapped(text, width: 100) { Speech.say(line) }
    let milliseconds = max(1, nanoseconds / 1_000_000)
    Speech.complain(
      "in \(milliseconds) ms: \(UInt64(schedules) * 60_000 / milliseconds) schedules a minute, "
        + "\(counts.tlps &* 1000 / milliseconds) TLPs a second")
  }

  private static func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}
