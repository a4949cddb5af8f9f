public import LinkBroker
public import Simulation

/// What joins a peer outside the fabric to its node: bytes to TLPs and back, no policy of PCI Express.
///
/// Its owner calls `exchange` when a descriptor is ready, when the node has something to send, or when the
/// deadline has come; nothing here waits.
public protocol Transport: AnyObject {
  /// Whether the peer is there.
  var state: TransportState { get }
  /// The descriptors that tell that there is something to do.
  var waits: [TransportWait] { get }
  /// When `exchange` has something to do although no descriptor is ready; nil when never.
  var deadline: VirtualTime? { get }

  /// Moves what can be moved, both ways; false when nothing was to be moved.
  func exchange(with node: any OutsideEnd, in fabric: inout Fabric) -> Bool
  /// Gets ready for an exchange before which nothing is done with the fabric, so that it is faster.
  func prepare(for node: any OutsideEnd, in fabric: inout Fabric)
  /// Where something can be seen to have come without a system call; nil for a socket.
  var watched: LinkWatch.End? { get }
  /// Copies a TLP for the peer while it arrives; false when it has to wait in the outbox of its node.
  ///
  /// The peer may see it after the next `exchange` only.
  func take(_ tlp: FabricTLP, in fabric: borrowing Fabric) -> Bool
  /// Gets ready for a wait on the descriptors; false when there is something to do now.
  func mayWait(with node: any OutsideEnd, in fabric: borrowing Fabric) -> Bool
  /// A wait is over, and these descriptors are ready.
  func wake(_ ready: [CInt])
  /// Whether `exchange` has something to do of which neither `watched` nor the node tells.
  var wantsTurn: Bool { get }
  /// Whether the peer has begun something, or was given something, and has done nothing for too long.
  func isOverdue(at now: VirtualTime) -> Bool
  /// Ends the link of a peer that is overdue.
  ///
  /// - Parameter isExcused: whether somebody keeps it from doing anything; then its time begins anew.
  func settleOverdue(at now: VirtualTime, isExcused: Bool)
  /// Takes what was noted since the last time, each an error message without its place.
  func takeNotes() -> [String]
  /// Takes how a request has failed of a host that is told less; the first one since the last time.
  func takeFailure() -> HostFailure?
}

extension Transport {
  /// Sockets are looked at by system calls.
  public var watched: LinkWatch.End? { nil }
  /// There is nothing to get ready.
  public func prepare(for node: any OutsideEnd, in fabric: inout Fabric) {}
  /// Sockets write in pieces of their own.
  public func take(_ tlp: FabricTLP, in fabric: borrowing Fabric) -> Bool { false }
  /// Sockets need no preparation.
  public func mayWait(with node: any OutsideEnd, in fabric: borrowing Fabric) -> Bool { true }
  /// Whoever sends TLPs gets completions.
  public func takeFailure() -> HostFailure? { nil }
  /// Only a look at a socket tells.
  public var wantsTurn: Bool { true }
  /// A peer behind rings begins nothing that it does not end at once.
  public func isOverdue(at now: VirtualTime) -> Bool { false }
  public func settleOverdue(at now: VirtualTime, isExcused: Bool) {}
}

/// How far a transport is.
public enum TransportState: Hashable, Sendable {
  /// Nobody has connected yet, or the handshake goes on.
  case waiting
  case up
  case lost(TransportLoss)

  /// Whether nothing will come any more.
  public var isLost: Bool { if case .lost = self { true } else { false } }
}

/// Why a peer is gone.
public enum TransportLoss: Hashable, Sendable {
  /// It has said that it goes.
  case goodbye
  /// It has closed its end, or its process has.
  case closed
  /// It closed in the middle of something.
  case closedInside(pendingBytes: Int)
  /// It sent what is none of the protocol.
  case garbage(String)
  /// The operating system reports an error.
  case system(String)

  /// A connection has ended, before or in the middle of a frame.
  static func end(inside pendingBytes: Int) -> TransportLoss {
    pendingBytes == 0 ? .closed : .closedInside(pendingBytes: pendingBytes)
  }
}

extension TransportLoss: CustomStringConvertible {
  public var description: String {
    switch self {
    case .goodbye, .closed: "the peer has closed the connection"
    case .closedInside(let count):
      "the peer has closed the connection inside a frame, after \(count) bytes of it"
    case .garbage(let text): "the peer does not speak the protocol: \(text)"
    case .system(let text): text
    }
  }
}

/// A descriptor to wait for.
public struct TransportWait: Hashable, Sendable {
  public var descriptor: CInt
  /// Whether to wait for something to read.
  public var isForReading: Bool
  /// Whether to wait for room to write.
  public var isForWriting: Bool

  public init(descriptor: CInt, isForReading: Bool = true, isForWriting: Bool = false) {
    self.descriptor = descriptor
    self.isForReading = isForReading
    self.isForWriting = isForWriting
  }
}
