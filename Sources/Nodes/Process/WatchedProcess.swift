import CSystem
import Glibc

/// A process, not of need a child, whose end can be awaited: the same one also when its number is used
/// again.
final class WatchedProcess {
  let pid: pid_t
  private let handle: Descriptor

  /// Nil for a process that is gone.
  init?(_ pid: pid_t) {
    let result = csys_pidfd(pid)
    if result < 0 { return nil }
    self.pid = pid
    handle = Descriptor(owning: result)
  }

  /// The descriptor that can be read when the process has ended.
  var number: CInt { handle.number }

  func kill() { _ = csys_pidfd_signal(handle.number, SIGKILL) }
}
