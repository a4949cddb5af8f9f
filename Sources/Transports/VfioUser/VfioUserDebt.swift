import Simulation

/// What a peer has begun or been asked for and has to go on with, while nothing moves.
enum VfioUserDebt: Hashable {
  /// The rest of a message.
  case message(bytes: Int)
  /// Reading what waits for it.
  case reading
  /// Answering requests of a device for its memory.
  case memory(requests: Int)
  /// Answering commands of its host.
  case answer(commands: Int)

  /// How long it may take: as long as QEMU itself waits for an answer.
  static let limit = VirtualDuration.seconds(5)
}

extension VfioUserDebt: CustomStringConvertible {
  var description: String {
    switch self {
    case .message(let bytes): "it stopped inside a message, after \(bytes) bytes of it, for 5 s"
    case .reading: "it has not read for 5 s what waits for it"
    case .memory(let requests): "it has not answered for 5 s, with \(requests) requests for its memory open"
    case .answer(let commands): "it has not answered for 5 s, with \(commands) commands open"
    }
  }
}
