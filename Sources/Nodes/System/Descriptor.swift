import CSystem
import Glibc

/// An open file descriptor and the duty to close it.
public struct Descriptor: ~Copyable {
  /// Its number.
  public let number: CInt

  /// Takes over a descriptor that is open.
  public init(owning number: CInt) { self.number = number }

  /// Gives the descriptor away without closing it.
  public consuming func take() -> CInt {
    let number = number
    discard self
    return number
  }

  deinit { close(number) }

  /// Opens what stands at a path; the verb is for the error.
  public static func open(_ path: String, _ flags: CInt, _ verb: String) throws(SystemError) -> Descriptor {
    let number = unsafe Glibc.open(path, flags, 0o666)
    if number < 0 { throw .last("\(verb) \(path)") }
    return Descriptor(owning: number)
  }

  /// A second descriptor for the same thing.
  func duplicate() throws(SystemError) -> Descriptor {
    let copy = csys_duplicate(number)
    if copy < 0 { throw SystemError("duplicate a descriptor", result: copy) }
    return Descriptor(owning: copy)
  }

  /// Makes reads and writes return instead of waiting.
  public func makeNonblocking() throws(SystemError) {
    let result = csys_nonblocking(number)
    if result < 0 { throw SystemError("set up a descriptor", result: result) }
  }

  /// Asks the kernel for room in a pipe; one that refuses leaves the pipe as it is.
  public func askForRoom(_ bytes: CInt) { csys_pipe_room(number, bytes) }

  /// What a read gave.
  public enum Input {
    case bytes([UInt8])
    /// Nothing is there yet.
    case nothing
    /// The other end is closed.
    case end
  }

  /// Reads what is there, at most so many bytes.
  public func read(upTo count: Int = 65536) throws(SystemError) -> Input {
    try Self.read(from: number, upTo: count)
  }

  /// Reads from a descriptor that somebody else owns.
  public static func read(from number: CInt, upTo count: Int = 65536) throws(SystemError) -> Input {
    var length = 0
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
      repeat {
        length = unsafe Glibc.read(number, buffer.baseAddress, count)
      } while length < 0 && errno == EINTR
      failure = length < 0 ? errno : 0
      used = max(0, length)
    }
    if failure == EAGAIN { return .nothing }
    // The other end of a socket died with unread bytes of ours.
    if failure == ECONNRESET { return .end }
    if failure != 0 { throw SystemError("read", number: failure) }
    return length == 0 ? .end : .bytes(bytes)
  }

  /// Writes bytes and answers how many were taken; fewer than given only when the descriptor does not wait.
  public func write(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
    try Self.write(bytes, to: number)
  }

  /// Writes to a descriptor that somebody else owns.
  public static func write(_ bytes: ArraySlice<UInt8>, to number: CInt) throws(SystemError) -> Int {
    var done = 0
    let failure: Int32 = unsafe bytes.withUnsafeBytes { buffer in
      while done < buffer.count {
        let count = unsafe Glibc.write(number, buffer.baseAddress?.advanced(by: done), buffer.count - done)
        if count >= 0 {
          done += count
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
    if failure != 0 && failure != EAGAIN { throw SystemError("write", number: failure) }
    return done
  }

  /// Two connected descriptors, each close-on-exec: a pipe to read from and to write into.
  public static func pipe() throws(SystemError) -> Pair {
    try unsafe pair("make a pipe") { unsafe csys_pipe($0) }
  }

  /// Two connected sockets, close-on-exec.
  public static func socketPair() throws(SystemError) -> Pair {
    try unsafe pair("make a socket pair") { unsafe csys_socket_pair($0) }
  }

  /// Two descriptors that belong together.
  public struct Pair: ~Copyable {
    var first: Descriptor
    var second: Descriptor

    /// Takes the pair apart.
    public consuming func take() -> (first: CInt, second: CInt) { (first.take(), second.take()) }
  }

  private static func pair(_ action: String, _ make: (UnsafeMutablePointer<CInt>) -> CInt)
    throws(SystemError) -> Pair
  {
    var ends: [CInt] = [-1, -1]
    let result = unsafe ends.withUnsafeMutableBufferPointer { buffer -> CInt in
      guard let base = buffer.baseAddress else { return -EINVAL }
      return unsafe make(base)
    }
    if result < 0 { throw SystemError(action, result: result) }
    return Pair(first: Descriptor(owning: ends[0]), second: Descriptor(owning: ends[1]))
  }
}
