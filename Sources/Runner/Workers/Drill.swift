import Nodes
import SuiteLanguage

/// A mishap of a worker that is staged on purpose, so that tests can see the supervisor deal with it.
///
/// The hidden option `--drill` of `run` gives it; it strikes at the first step of the first try of one case.
public struct Drill: Hashable, Sendable {
  /// What happens to the worker.
  public enum Mishap: String, CaseIterable, Sendable {
    /// An illegal instruction, as the Swift runtime traps.
    case trap
    /// The worker answers no more.
    case hang
    /// The process ends as if all were well.
    case exit
  }

  let mishap: Mishap
  /// The id of the case.
  let caseID: String

  /// Reads `trap:dma.write-read`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let mishap = Mishap(rawValue: String(parts[0])) else { return nil }
    self.mishap = mishap
    caseID = String(parts[1])
  }

  var text: String { "\(mishap.rawValue):\(caseID)" }

  func strikes(_ task: CaseTask) -> Bool { task.attempt == 1 && task.instance.id == caseID }

  func strike() -> Never {
    switch mishap {
    case .trap: ProcessTree.trap()
    case .hang: PollRequest.waitForEver()
    case .exit: ProcessTree.exit(0)
    }
  }
}
