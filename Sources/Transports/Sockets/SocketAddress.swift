/// Where a stream socket listens or connects to.
public enum SocketAddress: Hashable, Sendable {
  /// A numeric IPv4 or IPv6 address; port 0 takes a free one.
  case tcp(host: String, port: UInt16)
  /// A path of at most 107 bytes.
  case unix(path: String)

  /// Reads `tcp:HOST:PORT`, `tcp:[HOST]:PORT` or `unix:PATH`; nil for everything else.
  ///
  /// `localhost` is 127.0.0.1; other names are not looked up.
  public init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard !path.isEmpty, path.utf8.count <= 107 else { return nil }
      self = .unix(path: path)
    } else if text.hasPrefix("tcp:") {
      let rest = text.dropFirst(4)
      guard let colon = rest.lastIndex(of: ":"), let port = UInt16(rest[rest.index(after: colon)...]) else {
        return nil
      }
      var host = String(rest[..<colon])
      if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
      guard !host.isEmpty else { return nil }
      self = .tcp(host: host == "localhost" ? "127.0.0.1" : host, port: port)
    } else {
      return nil
    }
  }
}

extension SocketAddress {
  /// An address at which nobody listens: this one, with a port that is free where it has port 0.
  ///
  /// - Throws: such as that somebody listens there.
  public static func free(_ wanted: SocketAddress) throws(SocketError) -> SocketAddress {
    var address = wanted
    _ = try StreamSocket.listen(at: &address)
    return address
  }
}

extension SocketAddress: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unix(let path): "unix:\(path)"
    case .tcp(let host, let port): host.contains(":") ? "tcp:[\(host)]:\(port)" : "tcp:\(host):\(port)"
    }
  }
}
