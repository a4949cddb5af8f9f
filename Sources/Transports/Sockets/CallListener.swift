import Glibc

/// A socket at which programs call, of which no caller stays at the door because nobody can take it.
///
/// A caller for whom there is no descriptor would leave the socket ready for ever, and whoever waits for it
/// busy; so one descriptor is kept back for sending such a caller away.
struct CallListener: ~Copyable {
  /// How many callers are taken before others get a look, as they may come faster than they are taken.
  static let callersPerLook = 8

  private let socket: StreamSocket
  private var spare: StreamSocket?

  /// Who has called.
  enum Arrival: ~Copyable {
    case nobody
    case caller(StreamSocket)
    /// A caller had to be sent away, such as for want of a descriptor.
    case sentAway(SocketError)
  }

  init(_ socket: consuming StreamSocket) {
    self.socket = socket
    spare = Self.makeSpare()
  }

  var number: CInt { socket.number }

  private static func makeSpare() -> StreamSocket? {
    let number = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
    return number < 0 ? nil : StreamSocket(owning: number)
  }

  /// Takes who has called next.
  ///
  /// - Throws: why callers can be neither taken nor sent away; the socket may then stay ready.
  mutating func next() throws(SocketError) -> Arrival {
    do throws(SocketError) { return try take() } catch {
      spare = nil
      defer { spare = Self.makeSpare() }
      if case .caller = try take() { return .sentAway(error) }
      return .nobody
    }
  }

  private func take() throws(SocketError) -> Arrival {
    guard let caller = try socket.accept() else { return .nobody }
    return .caller(caller)
  }
}
