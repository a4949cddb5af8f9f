/// The bytes on their way to a peer, which are written in whole frames.
///
/// A peer that reads part of a frame drops the link. What a socket can take whole is known after a look at
/// it; between looks only little is written.
struct WarpPipeOutput {
  enum Outcome {
    case nothing
    case moved
    case gone
    case failed(SocketError)
  }

  private var waiting: ArraySlice<UInt8> = []
  /// What was written since the socket was found to have room.
  private var sinceLook = 0
  /// Whether the peer has to read before more can be written.
  private(set) var isBlocked = false

  /// What a socket with room takes whole.
  ///
  /// - Units: bytes.
  static let chunkBytes = 64 << 10

  /// Writes what the session has, as far as the socket takes it.
  mutating func write(_ session: inout WarpPipeSession, to socket: borrowing StreamSocket) -> Outcome {
    var hasMoved = false
    isBlocked = false
    while true {
      if waiting.isEmpty {
        guard session.hasOutput else { return hasMoved ? .moved : .nothing }
        waiting = session.takeOutput()[...]
      }
      let chunk = waiting.prefix(WarpPipeFrame.wholeFrames(in: waiting, upTo: Self.chunkBytes))
      if sinceLook + chunk.count > Self.chunkBytes {
        guard socket.canWrite else { break }
        sinceLook = 0
      }
      switch socket.write(chunk) {
      case .taken(let count):
        hasMoved = true
        sinceLook += count
        waiting = waiting.dropFirst(count)
      case .full: sinceLook = Self.chunkBytes
      case .gone: return .gone
      case .failed(let error): return .failed(error)
      }
    }
    isBlocked = true
    return hasMoved ? .moved : .nothing
  }
}
