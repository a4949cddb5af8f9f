import CSystem
import Glibc

/// Waits for several descriptors at once.
public enum Readiness {
  /// Waits until a descriptor is ready or the time is over.
  ///
  /// - Units: nanoseconds; nil waits without a limit.
  /// - Returns: the descriptors that are ready; none when the time is over, or a signal has come.
  @discardableResult public static func wait(for waits: [TransportWait], nanoseconds: UInt64?) -> [CInt] {
    var requests = requests(for: waits)
    return wait(for: &requests, nanoseconds: nanoseconds)
  }

  /// What the operating system is asked, for looking more than once.
  static func requests(for waits: [TransportWait]) -> [pollfd] {
    waits.map {
      pollfd(
        fd: $0.descriptor,
        events: Int16(($0.isForReading ? POLLIN : 0) | ($0.isForWriting ? POLLOUT : 0)), revents: 0)
    }
  }

  /// The same for what has been asked before; a look that finds nothing allocates nothing.
  static func wait(for requests: inout [pollfd], nanoseconds: UInt64?) -> [CInt] {
    let limit = nanoseconds.map { Int64(clamping: $0) } ?? -1
    guard unsafe csys_poll(&requests, CInt(requests.count), limit) > 0 else { return [] }
    return requests.filter { $0.revents != 0 }.map(\.fd)
  }
}
