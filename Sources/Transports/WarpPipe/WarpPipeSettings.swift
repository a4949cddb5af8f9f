public import PCIe
public import Simulation

/// What a Warp Pipe peer is, and the limits of the fabric's side that it knows nothing of.
public struct WarpPipeSettings: Hashable, Sendable {
  public var role: LinkHello.Role
  /// The function that the peer plays: 00:00.0 for a host, the number that it has been given for a device.
  public var peer: FunctionAddress
  /// The function that a host's configuration requests are for.
  public var target = FunctionAddress(bus: 1, device: 0, function: 0)
  /// - Units: bytes.
  public var maxPayloadBytes = 128
  /// - Units: bytes.
  public var maxReadRequestBytes: Int
  /// How long a request waits for its completion; the peer itself would wait for ever.
  ///
  /// It is real time, in which a program at the other end may not get a processor for long.
  /// - Source: PCI Express Base 5.0, 2.8 "Completion Timeout Mechanism"; 7.5.3.16 has ranges up to 64 s.
  public var completionTimeout = VirtualDuration.seconds(1)

  /// The BARs of a device; of a host none.
  public var windows: [WarpPipeWindow] = []

  /// The settings of a peer.
  public init(role: LinkHello.Role, peer: FunctionAddress = FunctionAddress(rawValue: 0)) {
    self.role = role
    // Max_Read_Request_Size is a device's; a root complex may ask for all that a request can.
    maxReadRequestBytes = role == .host ? 4096 : 512
    self.peer = peer
  }

  /// Where completions of the peer may be cut.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.1.1: a root complex may use 64 bytes, everybody else 128.
  var readCompletionBoundary: Int { role == .host ? 64 : 128 }

  /// The peer's address of one of the fabric's.
  func peerAddress(of address: UInt64) -> UInt64 {
    for window in windows {
      if let own = window.peerAddress(of: address) { return own }
    }
    return address
  }
}

/// What the wire cannot carry, or a peer did wrong.
public enum WarpPipeNote: Hashable, Sendable {
  /// The peer's frame had a wrong checksum; it was dropped and asked for again, which the peer will not do.
  case badFrame
  /// The peer asked for a TLP again.
  case replayed(sequence: UInt16)
  /// The peer refused a TLP four times: the link is lost.
  case refused(sequence: UInt16)
  /// A completion that nobody waits for.
  case unexpectedCompletion(tag: UInt16)
  /// A request of the peer got no completion in time.
  case completionTimeout(tag: UInt16)
  /// The peer has not answered a request, whose tag another one wanted.
  case tagTakenBack(UInt16)
  /// A TLP that this wire has no form for; a request that wants an answer got Unsupported Request.
  case notCarried(TLPHeader)
}

extension WarpPipeNote {
  /// What a requester on a link of its own would have found; nil for what only this wire knows.
  var violation: Violation? {
    switch self {
    case .completionTimeout: .completionTimeout
    case .unexpectedCompletion: .unexpectedCompletion
    case .badFrame, .replayed, .refused, .tagTakenBack, .notCarried: nil
    }
  }
}

extension WarpPipeNote: CustomStringConvertible {
  public var description: String {
    switch self {
    case .badFrame: "a frame with a wrong checksum was dropped; this peer does not send it again"
    case .replayed(let sequence): "TLP \(sequence) was sent again, as the peer asked"
    case .refused(let sequence): "the peer refuses TLP \(sequence) for good"
    case .unexpectedCompletion(let tag): "a completion with tag \(tag) came, for which nobody waits"
    case .completionTimeout(let tag):
      "a request of the peer, tag \(tag) on the link, got no completion in time"
    case .tagTakenBack(let tag): "the peer has not answered tag \(tag), which another request needs"
    case .notCarried(let header):
      "\(header.kind?.mnemonic ?? "a TLP of unknown type") has no form on a Warp Pipe wire"
    }
  }
}
