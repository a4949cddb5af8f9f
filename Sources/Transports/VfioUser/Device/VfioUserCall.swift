import Glibc
public import LinkBroker

/// How the device server of a node and we come together: we connect to it, as often as it takes, and ask what
/// its device is.
public final class VfioUserCall: LinkDoor {
  public private(set) var hello: LinkHello?
  public private(set) var failure: String?
  /// Where the server listens.
  public let path: String

  private let node: String
  private var connection: StreamSocket?
  private var calls = 0
  private var isWelcomed = false
  private var client = VfioUserClient()
  private var reader = VfioUserReader()
  private var introduction = VfioUserIntroduction()
  private var features = VfioUserFeatures()

  /// Nothing is called yet.
  public init(path: String, node: String) {
    self.path = path
    self.node = node
  }

  /// The path is that of the next server too, which finds nothing there that its forerunner has left.
  deinit { removePath() }

  private func removePath() { unsafe unlink(path) }

  public var place: String? { nil }
  public var direction: String { "it was called at \(path) as a device server of vfio-user" }
  public var hasSilentCaller: Bool { connection != nil && hello == nil }
  public func takeNotes() -> [String] { [] }

  public var waits: [TransportWait] {
    guard let number = connection?.number, hello == nil else { return [] }
    return [TransportWait(descriptor: number)]
  }

  /// Between calls, ever longer up to 50 ms.
  public var patience: UInt64? {
    guard connection == nil, failure == nil, !isWelcomed else { return nil }
    return min(1 << UInt64(calls), 50) * 1_000_000
  }

  public func look() -> Bool {
    guard failure == nil, hello == nil, !isWelcomed else { return false }
    guard connection != nil else { return call() }
    return listen()
  }

  private func call() -> Bool {
    calls = min(calls + 1, 6)
    do throws(SocketError) { connection = try StreamSocket.connect(to: .unix(path: path)) } catch {
      guard !error.isAbsence else { return false }
      failure = "\(error)"
      return true
    }
    ask()
    return true
  }

  private func ask() {
    introduction.advance(&client)
    flush()
  }

  /// Writes what is to be said; a peer that does not read it is none.
  private func flush() {
    guard let connection = connection.take() else { return }
    switch client.output.write(to: connection) {
    case .nothing, .moved: self.connection = consume connection
    case .blocked, .gone: failure = "\(TransportLoss.closed)"
    case .failed(let error): failure = "\(error)"
    }
  }

  private func listen() -> Bool {
    var hasChanged = false
    // A peer that never stops must not keep everybody else from being looked after.
    for _ in 0..<Self.readsMax {
      guard failure == nil, hello == nil, let (input, descriptors) = connection?.readPassing() else { break }
      switch input {
      case .nothing: return hasChanged
      case .bytes(let bytes):
        do throws(VfioUserStreamError) { try take(bytes, descriptors) } catch {
          failure = "\(TransportLoss.garbage("\(error)"))"
        }
      case .end: failure = "\(TransportLoss.end(inside: reader.pendingBytes))"
      case .failed(let error): failure = "\(error)"
      }
      hasChanged = true
    }
    return hasChanged
  }

  private static let readsMax = 16

  private func take(_ bytes: [UInt8], _ descriptors: [PassedDescriptor]) throws(VfioUserStreamError) {
    try reader.append(bytes, descriptors)
    while hello == nil, let message = try reader.next() {
      switch try client.receive(message) {
      case .memoryRead(let token, let address, let count)?:
        // Nobody has let it master the bus.
        client.answer(token, address: address, count: count, data: nil)
      case .memoryWrite(let token, let address, let data)?:
        client.answer(token, address: address, count: data.count, data: nil)
      case let event?: introduction.take(event)
      case nil: break
      }
      switch introduction.outcome {
      case .open: ask()
      case .failed(let error): failure = "\(error)"
      case .found(let description, let features):
        self.features = features
        hello = LinkHello(role: .device, isRaw: false, node: node, description: description)
      }
    }
    if failure == nil, !client.output.isEmpty { flush() }
  }

  public func refuse(_ text: String) {
    connection = nil
    hello = nil
    failure = text
  }

  public func welcome(_ settings: OutsideSettings) throws(LinkError) -> any Transport {
    guard hello != nil, let socket = connection.take() else { preconditionFailure("nobody has come") }
    isWelcomed = true
    removePath()
    return VfioUserDeviceTransport(
      takingOver: socket, reader, VfioUserDeviceSession(client, features, settings))
  }
}
