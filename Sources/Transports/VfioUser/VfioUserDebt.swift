import Simulation

/// What a peer has begun or been asked for and has to go on with.
enum VfioUserDebt: Hashable {
  /// The rest of a message, of which so many bytes are there.
  case message(bytes: Int)
  /// Reading what waits for it.
  case reading(bytes: Int)
  /// Answering requests of a device for its memory, the oldest first.
  case memory(requests: Int, oldest: UInt16)
  /// Answering commands of its host, the oldest first.
  case answer(commands: Int, oldest: UInt16)

  /// How long it may take: as long as QEMU itself waits for an answer.
  static let limit = VirtualDuration.seconds(5)

  /// Whether the peer has done nothing of what it owed before, whatever else it has done.
  func isStill(_ other: VfioUserDebt) -> Bool {
    switch (self, other) {
    case (.memory(_, let oldest), .memory(_, let before)), (.answer(_, let oldest), .answer(_, let before)):
      oldest == before
    default: self == other
    }
  }
}

extension VfioUserDebt: CustomStringConvertible {
  var description: String {
    switch self {
    case .message(let bytes): "it stopped inside a message, after \(bytes) bytes of it, for 5 s"
    case .reading: "it has not read for 5 s what waits for it"
    case .memory(let requests, _):
      "it has not answered for 5 s, with \(requests) requests for its memory open"
    case .answer(let commands, _): "it has not answered for 5 s, with \(commands) commands open"
    }
  }
}

extension PeerDebt<VfioUserDebt> {
  /// Looks anew; the time begins again when the peer has done something of what it owed.
  mutating func settle(_ kind: VfioUserDebt?, at now: VirtualTime) {
    let isStill = if let kind, let before = self.kind { kind.isStill(before) } else { false }
    settle(kind, at: now, hasMoved: !isStill)
  }
}
