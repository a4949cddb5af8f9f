import CSystem
import Glibc

/// What this process does about its descendants as a whole.
public enum ProcessTree {
  /// Makes this process inherit orphaned descendants, and outlive readers of its pipes.
  public static func prepare() throws(SystemError) {
    ignoreWriteSignals()
    // Swift's crash report takes a worker a second and buries its last words; who wants it sets the variable.
    unsafe setenv("SWIFT_BACKTRACE", "enable=no", 0)
    try adoptOrphans()
  }

  /// Makes this process inherit orphaned descendants.
  static func adoptOrphans() throws(SystemError) {
    let result = csys_subreaper()
    if result < 0 { throw SystemError("become the reaper of descendants", result: result) }
  }

  /// Makes a write that is refused an error of the call, not the end of the process.
  public static func ignoreWriteSignals() { csys_ignore_write_signals() }

  /// Kills and reaps every child there still is, also those that were orphaned to this process, and answers
  /// with those that were running.
  ///
  /// - Complexity: one pass for each generation that was left behind.
  @discardableResult
  public static func sweep() -> [LeftProcess] {
    var left: [LeftProcess] = []
    while true {
      for pid in children(of: getpid()) {
        if let facts = ProcessFacts(pid), !facts.hasEnded, !left.contains(where: { $0.pid == Int(pid) }) {
          left.append(LeftProcess(pid))
        }
        kill(pid, SIGKILL)
      }
      if csys_reap(-1, 1, nil) < 0 { break }
    }
    for index in left.indices { left[index].isGone = true }
    return left
  }

  /// Kills and reaps the children of this process apart from some, and what is below them.
  public static func sweep(except kept: Set<Int>) {
    var pids = children(of: getpid()).filter { !kept.contains(Int($0)) }
    while let pid = pids.popLast() {
      // Orphans of the dead one come here only after it has gone.
      let below = children(of: pid)
      kill(pid, SIGKILL)
      if csys_reap(pid, 1, nil) >= 0 { pids += below }
    }
  }

  /// The process ids of the children of a process, of all its threads.
  ///
  /// - Source: proc(5), `/proc/pid/task/tid/children`.
  static func children(of pid: pid_t) -> [pid_t] {
    let tasks = (try? FileStore.entries("/proc/\(pid)/task")) ?? []
    return tasks.flatMap { task -> [pid_t] in
      guard let bytes = try? FileStore.read("/proc/\(pid)/task/\(task)/children") else { return [] }
      return bytes.split(separator: UInt8(ascii: " "))
        .compactMap { pid_t(String(decoding: $0, as: UTF8.self)) }
    }
  }

  /// Ends this process as an illegal instruction of a model would.
  public static func trap() -> Never { csys_trap() }

  /// Ends this process with a status.
  public static func exit(_ status: Int32) -> Never { Glibc.exit(status) }
}
