import Glibc
public import LinkBroker

/// Where a host that speaks vfio-user comes to its link: a path at which one is let in.
///
/// A host says nothing of itself before it is answered, so that it has come when it is connected. The path is
/// gone from then on.
public final class VfioUserReception: LinkDoor {
  public private(set) var hello: LinkHello?
  public private(set) var failure: String?
  /// The path of the socket.
  public let path: String

  private let node: String
  private var listener: StreamSocket?
  private var caller: StreamSocket?
  private var isWelcomed = false

  /// Listens at a path of at most 107 bytes.
  ///
  /// - Throws: such as that the path is too long, or that something is there.
  public init(path: String, node: String) throws(SocketError) {
    var address = SocketAddress.unix(path: path)
    listener = try StreamSocket.listen(at: &address)
    self.path = path
    self.node = node
  }

  deinit { close() }

  private func close() {
    guard listener != nil else { return }
    listener = nil
    unsafe unlink(path)
  }

  public var place: String? { "vfio-user:\(path)" }
  public var direction: String { "it was to connect to \(path) as a client of vfio-user" }
  public var hasSilentCaller: Bool { false }
  public var waits: [TransportWait] {
    guard let number = listener?.number else { return [] }
    return [TransportWait(descriptor: number)]
  }

  public func takeNotes() -> [String] { [] }

  public func look() -> Bool {
    guard hello == nil, failure == nil, listener != nil else { return false }
    do throws(SocketError) {
      guard let socket = try listener?.accept() else { return false }
      caller = consume socket
      hello = LinkHello(role: .host, isRaw: false, node: node, description: nil)
    } catch { failure = "\(error)" }
    close()
    return true
  }

  public func refuse(_ text: String) {
    caller = nil
    hello = nil
    failure = text
  }

  public func welcome(_ settings: OutsideSettings) throws(LinkError) -> any Transport {
    guard let socket = caller.take() else { preconditionFailure("nobody has come") }
    return VfioUserTransport(takingOver: socket)
  }
}
