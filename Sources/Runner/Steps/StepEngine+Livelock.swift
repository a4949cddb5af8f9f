import LinkBroker
import RunEvents
import Simulation
import SuiteLanguage

// Runs that nothing can come of.
extension StepEngine {
  /// Fails where the fabric has given up, and tells what goes on in it and by which rule.
  func judgeLivelock() throws(StepFailure) {
    guard let livelock = topology.fabric.livelock else { return }
    let link = livelock.link.flatMap { number in
      topology.linkNumbers.first { $0.value == number }.map { "link \($0.key)" }
    }
    let span = TimeSpan(picoseconds: (livelock.time - origin).picoseconds)
    var facts = ["\(livelock.events) events have happened, up to \(span) of the case's time"]
    if let rule = livelock.rule {
      let line = faults.rules[rule].span.start.line
      let source = task.plan.source.line(line).map { ", \($0.trimmed)," } ?? ""
      facts.append(
        "\(name(rule))\(source) has struck \(topology.fabric.strikeCount(rule)) times")
      facts.append("times: or for: would give it an end")
    }
    throw StepFailure(
      type: .noProgress, message: livelock.cause.text(link ?? "a link"), facts: facts + linkFacts,
      subject: livelock.cause.word)
  }
}

extension Livelock.Cause {
  /// What goes on, in one line.
  fileprivate func text(_ link: String) -> String {
    switch self {
    case .retraining(_, let times):
      "\(link) has been retrained \(times) times in a row, and nothing was acknowledged meanwhile"
    case .initializing(_, let rounds):
      "\(link) does not come up: \(rounds) rounds of InitFC have got no answer"
    case .standstill: "events without end happen at one instant, and time stands still"
    case .flood(let entries):
      "faults have struck and checkers have found something \(entries) times, more than a case can keep"
    }
  }

  /// The kind of cause, which tells failures apart.
  fileprivate var word: String {
    switch self {
    case .retraining: "retraining"
    case .initializing: "initializing"
    case .standstill: "standstill"
    case .flood: "flood"
    }
  }
}
