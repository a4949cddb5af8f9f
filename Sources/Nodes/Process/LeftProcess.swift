import Glibc

/// A process that a node left behind.
public struct LeftProcess: Hashable, Sendable {
  /// Its id.
  public var pid: Int
  /// Its command line.
  public var command: String
  /// Whether it is gone now.
  public var isGone: Bool

  init(_ pid: pid_t) {
    self.pid = Int(pid)
    command = ProcessFacts.command(pid)
    isGone = false
  }
}
