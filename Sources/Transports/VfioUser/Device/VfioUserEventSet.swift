import CSystem
import Glibc

/// The eventfds of a device's vectors, of which one descriptor tells that any was raised.
struct VfioUserEventSet {
  let descriptor: PassedDescriptor?
  private var added = [0, 0, 0]

  init() {
    let number = csys_epoll()
    descriptor = number < 0 ? nil : PassedDescriptor(owning: number)
  }

  /// Watches what was made since the last time.
  mutating func add(_ events: [[PassedDescriptor]]) {
    guard let descriptor else { return }
    for index in events.indices {
      for vector in added[index]..<events[index].count {
        _ = csys_epoll_add(
          descriptor.number, events[index][vector].number, UInt64(index) << 32 | UInt64(vector))
      }
      added[index] = events[index].count
    }
  }

  /// Some of those that were raised.
  func raised() -> [(index: VfioUserInterruptIndex, vector: Int)] {
    guard let descriptor else { return [] }
    var tokens = [UInt64](repeating: 0, count: 64)
    let count = unsafe csys_epoll_wait(descriptor.number, &tokens, CInt(tokens.count), 0)
    return tokens.prefix(Int(max(0, count))).compactMap { token in
      VfioUserInterruptIndex(rawValue: Int(token >> 32)).map { ($0, Int(token & 0xffff_ffff)) }
    }
  }
}
