/// How a Warp Pipe program and we come together: it calls us, or we call it, once.
final class WarpPipeContact {
  /// Where the program calls or is called, with the port that was taken.
  let address: SocketAddress
  /// Whether we call.
  let isCalling: Bool
  /// The connection that stands; whoever takes it over leaves nil.
  private(set) var connection: StreamSocket?
  /// Callers that were sent away, as the program was there.
  private(set) var strangers = 0

  private let isPatient: Bool
  private var refusals: [SocketError] = []
  private var listener: CallListener?
  private var attempt: StreamSocket?
  private var calls = 0
  private var isOver = false

  /// Starts to listen; a call is first made by `advance`.
  init(_ call: WarpPipeReception.Call) throws(SocketError) {
    switch call {
    case .listen(var wanted):
      listener = CallListener(try StreamSocket.listen(at: &wanted))
      address = wanted
      (isCalling, isPatient) = (false, false)
    case .connect(let wanted, let patience):
      address = wanted
      (isCalling, isPatient) = (true, patience)
    }
  }

  var waits: [TransportWait] {
    var waits: [TransportWait] = []
    if let number = listener?.number { waits.append(TransportWait(descriptor: number)) }
    if let number = attempt?.number { waits.append(TransportWait(descriptor: number, isForWriting: true)) }
    if let number = connection?.number { waits.append(TransportWait(descriptor: number)) }
    return waits
  }

  /// Between calls, ever longer up to 50 ms; nil when no call is due.
  ///
  /// - Units: nanoseconds.
  var patience: UInt64? {
    guard isCalling, !isOver, connection == nil, attempt == nil else { return nil }
    return min(1 << UInt64(calls), 50) * 1_000_000
  }

  /// Goes on as far as it can; true when anything has changed.
  ///
  /// - Throws: why there will be no connection.
  func advance() throws(SocketError) -> Bool { try isCalling ? call() : answer() }

  /// Calls the program, or sees what became of the call.
  private func call() throws(SocketError) -> Bool {
    guard connection == nil, !isOver else { return false }
    if attempt == nil {
      calls = min(calls + 1, 6)
      do throws(SocketError) { attempt = try StreamSocket.connect(to: address) } catch {
        try bear(error)
        return false
      }
    }
    guard attempt?.canWrite == true else { return false }
    if let refusal = attempt?.failure {
      attempt = nil
      try bear(refusal)
    } else {
      connection = attempt.take()
    }
    return true
  }

  private func bear(_ error: SocketError) throws(SocketError) {
    guard isPatient, error.isAbsence else { throw error }
  }

  /// Takes who calls; one connection is one link, so the second caller is sent away.
  private func answer() throws(SocketError) -> Bool {
    var hasChanged = false
    do throws(SocketError) {
      for _ in 0..<CallListener.callersPerLook {
        switch try listener?.next() ?? .nobody {
        case .nobody: return hasChanged
        case .caller(let caller):
          if connection == nil, !isOver { connection = consume caller } else { strangers += 1 }
        case .sentAway(let error): refusals.append(error)
        }
        hasChanged = true
      }
      return hasChanged
    } catch {
      // It would stay ready.
      listener = nil
      throw error
    }
  }

  /// Takes why callers had to be sent away for whom there was nothing left.
  func takeRefusals() -> [SocketError] {
    defer { refusals.removeAll() }
    return refusals
  }

  /// Gives the connection away, after which nobody else is wanted.
  func takeConnection() -> StreamSocket? {
    isOver = true
    return connection.take()
  }

  /// Takes the number of callers that were sent away.
  func takeStrangers() -> Int {
    defer { strangers = 0 }
    return strangers
  }
}
