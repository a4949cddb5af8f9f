import CSystem
import Glibc

/// What this process does about its descendants as a whole.
enum ProcessTree {
  /// Makes this process inherit orphaned descendants, and outlive readers of its pipes.
  static func prepare() throws(SystemError) {
    ignoreWriteSignals()
    // Swift's crash report takes a worker a second and buries its last words; who wants it sets the variable.
    unsafe setenv("SWIFT_BACKTRACE", "enable=no", 0)
    let result = csys_subreaper()
    if result < 0 { throw SystemError("become the reaper of descendants", result: result) }
  }

  /// Makes a write that is refused an error of the call, not the end of the process.
  static func ignoreWriteSignals() { csys_ignore_write_signals() }

  /// Kills and reaps every child there still is, also those that were orphaned to this process.
  ///
  /// - Complexity: one pass for each generation that was left behind.
  static func sweep() {
    while true {
      for pid in children() { kill(pid, SIGKILL) }
      if csys_reap(-1, 1, nil) < 0 { return }
    }
  }

  /// The process ids of the children of this thread's process.
  private static func children() -> [pid_t] {
    let path = "/proc/self/task/\(getpid())/children"
    guard let bytes = try? FileStore.read(path) else { return [] }
    return bytes.split(separator: UInt8(ascii: " ")).compactMap { pid_t(String(decoding: $0, as: UTF8.self)) }
  }

  /// Ends this process as an illegal instruction of a model would.
  static func trap() -> Never { csys_trap() }

  /// Ends this process with a status.
  static func exit(_ status: Int32) -> Never { Glibc.exit(status) }
}
