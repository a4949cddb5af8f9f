public import LinkBroker
import Simulation

/// Where a Warp Pipe program comes to its link: it calls us or we call it, independent of who is the host.
///
/// This wire has no hello. A host has come when it is connected; a device when it has told its registers, and
/// has got addresses for its BARs.
public final class WarpPipeReception: LinkDoor {
  /// Who calls whom.
  public enum Call: Hashable, Sendable {
    case listen(SocketAddress)
    /// - Parameter isPatient: whether to call again as long as nobody listens.
    case connect(SocketAddress, isPatient: Bool)
  }

  public private(set) var hello: LinkHello?
  public private(set) var failure: String?

  private let node: String
  private let role: LinkHello.Role
  private let contact: WarpPipeContact
  private var session: WarpPipeSession
  private var probe = WarpPipeProbe()
  private var notes: [String] = []

  /// Starts to listen; a call is first made by `look`.
  ///
  /// - Parameter maxPayloadBytes: what a function below a host takes; without a word that of a reset, as no
  ///   host of this wire sets it.
  /// - Throws: what the operating system says, such as that the port is taken.
  public init(
    _ role: LinkHello.Role, node: String, _ call: Call, maxPayloadBytes: Int = 128
  ) throws(SocketError) {
    self.node = node
    self.role = role
    var settings = WarpPipeSettings(role: role)
    settings.maxPayloadBytes = maxPayloadBytes
    session = WarpPipeSession(settings)
    contact = try WarpPipeContact(call)
  }

  /// Where the program calls or is called, with the port that was taken.
  public var address: SocketAddress { contact.address }
  public var place: String? { contact.isCalling ? nil : "\(address)" }
  public var direction: String {
    contact.isCalling ? "it was called at \(address)" : "it was to call \(address)"
  }
  public var hasSilentCaller: Bool { hello == nil && contact.connection != nil }
  public var waits: [TransportWait] { contact.waits }
  public var patience: UInt64? { failure == nil ? contact.patience : nil }

  public func takeNotes() -> [String] {
    defer { notes.removeAll() }
    return notes
  }

  public func look() -> Bool {
    guard failure == nil else { return false }
    do throws(SocketError) {
      var hasChanged = try contact.advance()
      for _ in 0..<contact.takeStrangers() {
        notes.append(
          "a second program has connected at \(address), where one plays '\(node)', and was sent away")
      }
      for error in contact.takeRefusals() { notes.append("a program that connected was sent away: \(error)") }
      if hear() { hasChanged = true }
      return hasChanged
    } catch {
      failure = "\(error)"
      return true
    }
  }

  /// Hears a connected program until it has told what it is.
  private func hear() -> Bool {
    guard hello == nil, contact.connection != nil else { return false }
    guard role == .device else {
      hello = LinkHello(role: .host, isRaw: false, node: node, description: nil)
      return true
    }
    var hasChanged = false
    while true {
      ask()
      guard hello == nil, failure == nil, let input = contact.connection?.read() else { return true }
      switch input {
      case .nothing: return hasChanged
      case .bytes(let bytes):
        do throws(WarpPipeStreamError) { try session.receive(bytes, at: .zero) } catch {
          failure = "\(TransportLoss.garbage("\(error)"))"
        }
      case .end: failure = "\(TransportLoss.end(inside: session.pendingBytes))"
      case .failed(let error): failure = "\(error)"
      }
      hasChanged = true
    }
  }

  /// Asks a device what can be asked now; it is done when all of it is written.
  private func ask() {
    probe.advance(&session)
    for note in session.takeNotes() { notes.append("\(note)") }
    let output = session.takeOutput()
    // A new connection takes many more than the few requests of a probe.
    if !output.isEmpty, contact.connection?.write(output[...]) != .taken(output.count) {
      failure = "\(TransportLoss.closed)"
    }
    switch probe.outcome {
    case .open: break
    case .failed(let error): failure = "\(error)"
    case .found(let description, let windows):
      session.settings.windows = windows
      hello = LinkHello(role: .device, isRaw: false, node: node, description: description)
    }
  }

  public func refuse(_ text: String) {
    _ = contact.takeConnection()
    hello = nil
    failure = text
  }

  public func welcome(_ settings: OutsideSettings) throws(LinkError) -> any Transport {
    guard hello != nil, let peer = contact.takeConnection() else { preconditionFailure("nobody has come") }
    return WarpPipeTransport(takingOver: peer, session, settings)
  }
}
