import CSystem
import Glibc

/// Waits for several descriptors at once.
public enum Readiness {
  /// Waits until a descriptor is ready or the time is over; false when it is over, or a signal has come.
  ///
  /// - Units: nanoseconds; nil waits without a limit.
  public static func wait(for waits: [TransportWait], nanoseconds: UInt64?) -> Bool {
    var requests = waits.map {
      pollfd(
        fd: $0.descriptor,
        events: Int16(($0.isForReading ? POLLIN : 0) | ($0.isForWriting ? POLLOUT : 0)), revents: 0)
    }
    let limit = nanoseconds.map { Int64(clamping: $0) } ?? -1
    return unsafe csys_poll(&requests, CInt(requests.count), limit) > 0
  }
}
