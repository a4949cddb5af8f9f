import CSystem
import Glibc

/// Finds what a node left behind, also what called `setsid` or was orphaned twice.
///
/// This process inherits every orphan below it, so what a node started and did not end is among its
/// children or below them. It belongs to the node by session, by group, or by a variable that the node was
/// started with.
struct NodeCensus {
  /// The first process of the node, which has ended.
  let node: pid_t
  /// The variable of the environment, `NAME=VALUE`, that no other node has.
  let cookie: String

  /// The processes of the node that still run, its first one apart; those that have ended are reaped.
  ///
  /// - Complexity: O(children of this process and processes of the node).
  func processes() -> [pid_t] {
    let own = getpid()
    var found: [pid_t] = []
    var open = ProcessTree.children(of: own).filter { $0 != node && belongs($0) }
    while let pid = open.popLast() {
      guard let facts = ProcessFacts(pid) else { continue }
      open += ProcessTree.children(of: pid)
      if !facts.hasEnded {
        found.append(pid)
      } else if facts.parent == own {
        _ = csys_reap(pid, 0, nil)
      }
    }
    return found.sorted()
  }

  /// Whether a process has not ended; one that has and is a child of this process is reaped.
  static func isRunning(_ pid: pid_t) -> Bool {
    guard let facts = ProcessFacts(pid) else { return false }
    if facts.hasEnded, facts.parent == getpid() { _ = csys_reap(pid, 0, nil) }
    return !facts.hasEnded
  }

  private func belongs(_ pid: pid_t) -> Bool {
    guard let facts = ProcessFacts(pid) else { return false }
    return facts.session == node || facts.group == node || ProcessFacts.carries(cookie, pid)
  }
}
