import Glibc

/// Waits for a single descriptor.
public enum PollRequest {
  /// Waits until a descriptor takes bytes, or its reader has gone away.
  public static func waitToWrite(_ number: CInt) {
    var request = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
    _ = unsafe poll(&request, 1, -1)
  }

  /// Waits for ever; only a signal ends the process.
  public static func waitForEver() -> Never {
    while true { _ = poll(nil, 0, -1) }
  }
}
