import Glibc

/// A call of the operating system that did not work: what was tried, with what, and the reason.
public struct SystemError: Error, Hashable, Sendable {
  /// What was tried, as a verb with its object, such as `write harness-out/x.xml`.
  public let action: String
  /// The error number of the operating system.
  public let number: Int32

  /// Makes an error out of an error number.
  public init(_ action: String, number: Int32) {
    self.action = action
    self.number = number
  }

  /// Takes the negative error number that the functions of the C target return.
  public init(_ action: String, result: Int32) { self.init(action, number: -result) }

  /// An error out of the number that the last call left behind.
  public static func last(_ action: String) -> SystemError { SystemError(action, number: errno) }

  /// Whether the thing asked for is not there.
  public var isAbsent: Bool { number == ENOENT || number == ENOTDIR }

  /// Whether the thing to be made is there already.
  public var exists: Bool { number == EEXIST }

  /// Whether the reader of a stream has gone away.
  public var isClosedPipe: Bool { number == EPIPE }

  /// The reason in the words of the operating system, such as `No space left on device`.
  public var reason: String { unsafe String(cString: strerror(number)) }
}

extension SystemError: CustomStringConvertible {
  public var description: String { "cannot \(action): \(reason)" }
}
