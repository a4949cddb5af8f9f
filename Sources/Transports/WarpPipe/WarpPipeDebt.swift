import Simulation

/// What a peer has begun or been given and has to go on with, while nothing moves.
enum WarpPipeDebt: Hashable, Sendable {
  /// The rest of a frame.
  case frame(bytes: Int)
  /// Reading what waits for it.
  case reading
  /// Acknowledging what it has got.
  case acknowledgement

  /// How long it may take.
  ///
  /// A peer acknowledges at once and sends a frame in one piece; this is what a loaded machine may need.
  static let limit = VirtualDuration.seconds(2)
}

extension WarpPipeDebt: CustomStringConvertible {
  var description: String {
    switch self {
    case .frame(let bytes): "it stopped inside a frame, after \(bytes) bytes of it, for 2 s"
    case .reading: "it has not read for 2 s what waits for it"
    case .acknowledgement: "it has acknowledged nothing for 2 s"
    }
  }
}
