public import PCIe
public import Simulation

/// A node whose owner is not in the fabric: a program behind a transport.
public protocol OutsideEnd: FabricNode {
  /// What waits for the transport.
  var outbox: OutsideQueue { get set }
  /// Whether anything waits there.
  var hasWaiting: Bool { get }
  /// The end of the link that it sits at, nil before it is connected.
  var port: FabricPort? { get }

  /// Puts into a header of the peer what the node knows and the peer need not.
  ///
  /// - Returns: why the peer may not send it now, nil when it may.
  func identify(_ header: inout TLPHeader, at now: VirtualTime) -> OutsideRefusal?
  /// A TLP of the peer, which it may send, is about to go.
  func willSend(_ header: TLPHeader, in fabric: inout Fabric)
  /// The largest completion that would go to the peer as it is, 0 when none would.
  ///
  /// - Units: bytes.
  func completionBytesMax(at now: VirtualTime) -> Int

  /// Raises or withdraws an interrupt of the function that is kept for the peer.
  ///
  /// - Returns: why the peer may not, nil when the function's enables and masks decide what becomes of it.
  func raise(_ interrupt: OutsideInterrupt, in fabric: inout Fabric) -> OutsideRefusal?

  /// What software has set in the peer's function, as far as the peer has to know.
  func settings(in fabric: borrowing Fabric) -> OutsideSettings
}

extension OutsideEnd {
  /// Sends a TLP of the peer; the fabric owns its payload from here on.
  ///
  /// - Returns: why the peer may not send it, nil when it is on its way.
  public func submit(_ tlp: FabricTLP, in fabric: inout Fabric) -> OutsideRefusal? {
    var tlp = tlp
    if let refusal = identify(&tlp.header, at: fabric.now) {
      fabric.payloads.release(tlp.payload)
      return refusal
    }
    send(tlp, in: &fabric)
    return nil
  }

  /// Sends a TLP whose header has been identified; the fabric owns its payload from here on.
  public func send(_ tlp: FabricTLP, in fabric: inout Fabric) {
    guard let port else { preconditionFailure("who has no port is refused before") }
    fabric.keepUnseenTags()
    willSend(tlp.header, in: &fabric)
    fabric.send(tlp, from: port)
  }
}

/// An interrupt of a peer, before enables and masks.
public enum OutsideInterrupt: Hashable, Sendable {
  case msix(vector: Int)
  case msi(vector: Int)
  /// The level of the function's one wire.
  case intx(isAsserted: Bool)
}

/// Why a TLP of a peer was not sent; it has been dropped.
public enum OutsideRefusal: Hashable, Sendable {
  /// Its node is not connected.
  case unconnected
  /// A request of a function without Bus Master Enable, outside D0 or under reset.
  case mayNotRequest
  /// The peer owns its configuration space, so interrupts are its own memory writes and messages.
  case ownsInterrupts
  /// The function has no such vector or wire.
  case noSuchInterrupt
}

extension OutsideRefusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unconnected: "its node has no link"
    case .mayNotRequest: "its function may not master the bus"
    case .ownsInterrupts: "no function is kept for the peer, which sends its interrupts itself"
    case .noSuchInterrupt: "its function has no such interrupt"
    }
  }
}
