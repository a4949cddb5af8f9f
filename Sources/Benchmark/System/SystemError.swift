import Glibc

/// A call of the operating system, or a program, that did not work.
struct SystemError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// An error with the number that the operating system gave.
  init(_ action: String, number: CInt) {
    description = unsafe "cannot \(action): \(String(cString: strerror(number)))"
  }
}
