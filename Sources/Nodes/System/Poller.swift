import CSystem
import Glibc

/// Waits for descriptors that can be read or have hung up.
public struct Poller: ~Copyable {
  private let descriptor: Descriptor
  private var tokens = [UInt64](repeating: 0, count: 64)

  /// Makes one that watches nothing.
  public init() throws(SystemError) {
    let result = csys_epoll()
    if result < 0 { throw SystemError("make an epoll set", result: result) }
    descriptor = Descriptor(owning: result)
  }

  /// The descriptor of the set, which can be read when something of it is ready.
  public var number: CInt { descriptor.number }

  /// Watches a descriptor; its readiness is told by the token.
  public func add(_ number: CInt, token: UInt64) throws(SystemError) {
    let result = csys_epoll_add(descriptor.number, number, token)
    if result < 0 { throw SystemError("watch a descriptor", result: result) }
  }

  /// Watches a descriptor no longer; a closed one needs no call.
  public func remove(_ number: CInt) { _ = csys_epoll_remove(descriptor.number, number) }

  /// Waits, and answers with the tokens of what is ready; empty when the time is over.
  ///
  /// - Units: milliseconds; -1 waits without a limit.
  public mutating func wait(milliseconds: Int32 = -1) throws(SystemError) -> ArraySlice<UInt64> {
    let number = descriptor.number
    let count = unsafe tokens.withUnsafeMutableBufferPointer { buffer in
      unsafe csys_epoll_wait(number, buffer.baseAddress, CInt(buffer.count), milliseconds)
    }
    if count < 0 { throw SystemError("wait for events", result: count) }
    return tokens[..<Int(count)]
  }
}
