/// The two rings of a socket number of a software context: of one that transmits and one that receives.
struct SocketPair: Sendable {
  var transmit = SocketRing()
  var receive = SocketRing()

  /// Both start anew, but belong to their sessions still.
  mutating func reset() {
    let sessions = (transmit.session, receive.session)
    self = SocketPair()
    (transmit.session, receive.session) = sessions
  }
}

// Of all contexts the sockets of one number stand one behind the other: contexts mostly use the first few,
// and these then share pages.
extension AMUCore {
  static func makeSockets(_ sizes: AMUSizes) -> [SocketPair] {
    [SocketPair](repeating: SocketPair(), count: sizes.sockets * sizes.softwareContexts)
  }

  /// Where the rings of a context's socket stand.
  @inline(__always)
  func place(_ context: Int, _ socket: Int) -> Int { socket * sizes.softwareContexts + context }

  /// The sessions of all sockets of a software context.
  func sessions(ofSoftware context: Int) -> [Int] {
    (0..<sizes.sockets).flatMap { socket -> [Int] in
      let pair = sockets[place(context, socket)]
      return [pair.transmit.session, pair.receive.session].filter { $0 >= 0 }.map { Int($0) }
    }
  }
}
