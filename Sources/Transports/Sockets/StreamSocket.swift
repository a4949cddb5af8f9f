import CSystem
import Glibc

/// An open stream socket and the duty to close it; nothing here waits.
struct StreamSocket: ~Copyable {
  let number: CInt

  init(owning number: CInt) { self.number = number }

  deinit { close(number) }

  /// A second descriptor of the same connection; -1 when there are too many open.
  func duplicate() -> StreamSocket { StreamSocket(owning: fcntl(number, F_DUPFD_CLOEXEC, 0)) }

  /// What a read takes at most, where it is not told another number.
  static let readBytes = 65536

  /// What a read gave.
  enum Input {
    case bytes([UInt8])
    case nothing
    case end
    case failed(SocketError)
  }

  /// Reads what is there, at most so many bytes.
  func read(upTo count: Int = readBytes) -> Input {
    var length = 0
    var failure: Int32 = 0
    let number = number
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
      repeat {
        length = unsafe Glibc.read(number, buffer.baseAddress, count)
      } while length < 0 && errno == EINTR
      failure = length < 0 ? errno : 0
      used = max(0, length)
    }
    switch failure {
    case 0: return length == 0 ? .end : .bytes(bytes)
    case EAGAIN: return .nothing
    // The peer died with bytes of ours unread.
    case ECONNRESET: return .end
    default: return .failed(SocketError("read from the peer", number: failure))
    }
  }

  /// What a write gave.
  enum Output: Hashable {
    case taken(Int)
    case full
    case gone
    case failed(SocketError)
  }

  /// Offers bytes in one piece.
  func write(_ bytes: ArraySlice<UInt8>) -> Output {
    Self.output(unsafe bytes.withUnsafeBytes { unsafe csys_send(number, $0.baseAddress, $0.count) })
  }

  /// Reads what is there, at most so many bytes, with the descriptors that came with the last of them.
  ///
  /// A read ends behind the bytes that descriptors were sent with.
  /// - Source: unix(7), "SCM_RIGHTS": ancillary data is a barrier for the data behind it.
  func readPassing(upTo count: Int = readBytes) -> (input: Input, descriptors: [PassedDescriptor]) {
    var length = 0
    var passed: CInt = 0
    let number = number
    var descriptors = [CInt](repeating: -1, count: Int(CSYS_PASSED_MAX))
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
      length = unsafe csys_receive(number, buffer.baseAddress, count, &descriptors, &passed)
      used = max(0, length)
    }
    let owned = descriptors.prefix(Int(passed)).map(PassedDescriptor.init(owning:))
    switch CInt(truncatingIfNeeded: -min(length, 0)) {
    case 0: return (length == 0 ? .end : .bytes(bytes), owned)
    case EAGAIN: return (.nothing, [])
    case ECONNRESET: return (.end, [])
    case let failure: return (.failed(SocketError("read from the peer", number: failure)), [])
    }
  }

  /// Offers bytes in one piece, with descriptors that go with the first of them.
  func write(_ bytes: ArraySlice<UInt8>, passing descriptors: [PassedDescriptor]) -> Output {
    if descriptors.isEmpty { return write(bytes) }
    let numbers = descriptors.map(\.number)
    let result = unsafe bytes.withUnsafeBytes {
      unsafe csys_send_with(number, $0.baseAddress, $0.count, numbers, CInt(numbers.count))
    }
    return Self.output(result)
  }

  private static func output(_ result: Int) -> Output {
    if result >= 0 { return .taken(result) }
    switch CInt(-result) {
    case EAGAIN: return .full
    case EPIPE, ECONNRESET: return .gone
    case let failure: return .failed(SocketError("write to the peer", number: failure))
    }
  }

  /// Listens at an address, which gets the port that was taken.
  static func listen(at address: inout SocketAddress) throws(SocketError) -> StreamSocket {
    var number: CInt
    switch address {
    case .tcp(let host, let port):
      var bound: UInt16 = 0
      number = unsafe csys_listen_tcp(host, port, &bound)
      if number >= 0 { address = .tcp(host: host, port: bound) }
    case .unix(let path): number = unsafe csys_listen_unix(path)
    }
    guard number >= 0 else { throw SocketError("listen at \(address)", number: -number) }
    return StreamSocket(owning: number)
  }

  /// Begins to connect; the socket can be written when that has ended.
  static func connect(to address: SocketAddress) throws(SocketError) -> StreamSocket {
    let number =
      switch address {
      case .tcp(let host, let port): unsafe csys_connect_tcp(host, port)
      case .unix(let path): unsafe csys_connect_unix(path)
      }
    guard number >= 0 else { throw SocketError("connect to \(address)", number: -number) }
    return StreamSocket(owning: number)
  }

  /// Takes a connection that waits, nil when none does.
  func accept() throws(SocketError) -> StreamSocket? {
    let accepted = csys_accept(number)
    if accepted == -EAGAIN { return nil }
    guard accepted >= 0 else { throw SocketError("take a connection", number: -accepted) }
    return StreamSocket(owning: accepted)
  }

  /// Why connecting has failed, nil when it has not.
  var failure: SocketError? {
    let result = csys_socket_error(number)
    return result == 0 ? nil : SocketError("connect", number: -result)
  }

  /// Whether the socket takes bytes now, or connecting has ended.
  var canWrite: Bool {
    var request = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
    return unsafe poll(&request, 1, 0) > 0
  }
}

/// A call of the operating system that did not work.
public struct SocketError: Error, Hashable, Sendable {
  /// What was tried.
  public let action: String
  public let number: Int32

  init(_ action: String, number: Int32) {
    self.action = action
    self.number = number
  }

  /// Whether nobody listens there, so that somebody may later.
  var isAbsence: Bool { [ECONNREFUSED, ECONNRESET, ENOENT].contains(number) }
}

extension SocketError: CustomStringConvertible {
  public var description: String {
    let reason = unsafe String(cString: strerror(number))
    let hint =
      switch number {
      case EADDRINUSE: "; somebody listens there already, perhaps a process that an earlier run left"
      case ENAMETOOLONG: "; the path of a socket has at most 107 bytes"
      default: ""
      }
    return "cannot \(action): \(reason)\(hint)"
  }
}
