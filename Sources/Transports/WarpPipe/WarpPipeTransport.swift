public import LinkBroker
import PCIe
public import Simulation

/// A Warp Pipe peer at a node of the fabric, over TCP or a Unix socket.
public final class WarpPipeTransport: Transport {
  /// Who calls whom; independent of who is the host.
  public enum Call: Hashable, Sendable {
    case listen(SocketAddress)
    case connect(SocketAddress)
  }

  public private(set) var state = TransportState.waiting
  /// Where the transport listens, with the port it has got; nil when it connects.
  public private(set) var address: SocketAddress?

  private var session: WarpPipeSession
  private var listener: StreamSocket?
  private var connection: StreamSocket?
  private var isConnecting = false
  /// Bytes that the socket has not taken.
  private var unwritten: ArraySlice<UInt8> = []
  private var messages: [String] = []

  /// Starts to listen or to connect.
  ///
  /// - Throws: what the operating system says, such as that the port is taken.
  public init(_ settings: WarpPipeSettings, _ call: Call) throws(SocketError) {
    session = WarpPipeSession(settings)
    switch call {
    case .listen(var wanted):
      listener = try StreamSocket.listen(at: &wanted)
      address = wanted
    case .connect(let wanted):
      connection = try StreamSocket.connect(to: wanted)
      isConnecting = true
    }
  }

  /// The limits of the fabric's side, which enumeration may change.
  public var settings: WarpPipeSettings {
    get { session.settings }
    set { session.settings = newValue }
  }

  public var deadline: VirtualTime? { session.deadline }

  public var waits: [TransportWait] {
    var waits: [TransportWait] = []
    if let number = listener?.number { waits.append(TransportWait(descriptor: number, isForWriting: false)) }
    if let number = connection?.number {
      waits.append(TransportWait(descriptor: number, isForWriting: isConnecting || !unwritten.isEmpty))
    }
    return waits
  }

  public func takeNotes() -> [String] {
    defer { messages.removeAll() }
    return messages
  }

  public func exchange(with node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    if state.isLost { return false }
    var hasMoved = false
    do throws(SocketError) {
      if try greet() { hasMoved = true }
    } catch {
      lose(.system("\(error)"))
      return true
    }
    guard state == .up else { return hasMoved }
    if read(at: fabric.now) { hasMoved = true }
    while let tlp = session.nextTLP() {
      hasMoved = true
      submit(tlp, node, in: &fabric)
    }
    session.expire(at: fabric.now)
    while let first = node.outbox.first, session.send(tlp(first, in: fabric), at: fabric.now) {
      hasMoved = true
      node.outbox.removeFirst(in: &fabric)
    }
    if write() { hasMoved = true }
    for note in session.takeNotes() { messages.append("\(note)") }
    if session.isLost { lose(.garbage("it has refused a TLP \(WarpPipeTransmitter.replaysMax + 1) times")) }
    return hasMoved
  }

  private func lose(_ loss: TransportLoss) {
    state = .lost(loss)
    connection = nil
    listener = nil
  }

  /// Takes a connection, or sees whether our own has been taken.
  private func greet() throws(SocketError) -> Bool {
    if isConnecting {
      guard connection?.canWrite == true else { return false }
      if let failure = connection?.failure { throw failure }
      isConnecting = false
      state = .up
      return true
    }
    guard let peer = try accept() else { return false }
    if state == .up {
      // One connection is one link; the second caller is cut off by leaving its socket to be closed.
      messages.append("a second peer has connected and was sent away")
    } else {
      connection = consume peer
      state = .up
    }
    return true
  }

  private func accept() throws(SocketError) -> StreamSocket? {
    if listener == nil { return nil }
    return try listener?.accept()
  }

  private func read(at now: VirtualTime) -> Bool {
    guard session.wantsInput, let input = connection?.read() else { return false }
    switch input {
    case .nothing: return false
    case .bytes(let bytes):
      do throws(WarpPipeStreamError) {
        try session.receive(bytes, at: now)
      } catch {
        lose(.garbage("\(error)"))
      }
    case .end: lose(session.pendingBytes == 0 ? .closed : .closedInside(pendingBytes: session.pendingBytes))
    case .failed(let error): lose(.system("\(error)"))
    }
    return true
  }

  private func write() -> Bool {
    if unwritten.isEmpty { unwritten = session.takeOutput()[...] }
    guard !unwritten.isEmpty, let output = connection?.write(unwritten) else { return false }
    switch output {
    case .taken(let count): unwritten = unwritten.dropFirst(count)
    case .full: return false
    case .gone: lose(.closed)
    case .failed(let error): lose(.system("\(error)"))
    }
    return true
  }

  private func submit(_ tlp: TLP, _ node: any OutsideEnd, in fabric: inout Fabric) {
    var payload = PayloadReference.none
    if !tlp.payload.isEmpty {
      payload = fabric.payloads.take(bytes: tlp.payload.count)
      fabric.payloads.write(tlp.payload.rawSpan, to: payload)
    }
    if let refusal = node.submit(FabricTLP(header: tlp.header, payload: payload), in: &fabric) {
      messages.append("\(tlp.header.kind?.mnemonic ?? "TLP") of the peer was not sent: \(refusal)")
    }
  }

  private func tlp(_ tlp: FabricTLP, in fabric: borrowing Fabric) -> TLP {
    var header = tlp.header
    header.hasDigest = false
    return TLP(header: header, payload: fabric.payloads.copy(tlp.payload))
  }
}
