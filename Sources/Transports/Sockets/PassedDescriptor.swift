import CSystem
import Glibc

/// An open descriptor that came from a peer or is lent to one, closed when nobody has it any more.
package final class PassedDescriptor: Sendable {
  let number: CInt

  init(owning number: CInt) { self.number = number }

  deinit { close(number) }

  /// An eventfd at zero.
  ///
  /// - Throws: such as that too many descriptors are open.
  static func event() throws(SocketError) -> PassedDescriptor {
    let number = csys_event()
    guard number >= 0 else { throw SocketError("make an eventfd", number: -number) }
    return PassedDescriptor(owning: number)
  }

  /// A file in memory that can become neither shorter nor longer.
  ///
  /// - Throws: such as that there is no memory for it.
  package static func memory(bytes: Int) throws(SocketError) -> PassedDescriptor {
    let number = unsafe csys_memory("pcie-harness", UInt64(bytes))
    guard number >= 0 else { throw SocketError("make shared memory of \(bytes) bytes", number: -number) }
    return PassedDescriptor(owning: number)
  }

  /// Whether it is an eventfd.
  var isEvent: Bool { csys_is_event(number) != 0 }

  /// Adds one to an eventfd, where there is room; false when it cannot be written.
  @discardableResult func raise() -> Bool { csys_event_raise(number) == 0 }

  /// Takes what was added to an eventfd.
  func take() -> UInt64 { csys_event_take(number) }
}
