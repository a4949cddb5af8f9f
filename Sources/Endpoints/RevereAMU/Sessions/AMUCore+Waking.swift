import LinkBroker

// When sessions may move.
extension AMUCore {
  /// Sessions may have something to move now; nothing moves before `pump`.
  mutating func wake(_ numbers: [Int]) {
    for session in numbers { wake(session) }
  }

  @inline(__always)
  mutating func wake(_ session: Int) {
    guard session >= 0, sessions[session].isOpen, !sessions[session].isReady, !sessions[session].isFetching
    else { return }
    sessions[session].isReady = true
    arbiter.append(
      session: session, priority: Int(sessions[session].settings.priority),
      isFetching: !sessions[session].source.isHardware)
  }

  /// A hardware context may go on, and so may its sessions.
  mutating func wake(hardware context: Int) {
    wakeAgent(context)
    wake(hardware[context].sessions)
  }

  @inline(__always)
  mutating func wakeAgent(_ context: Int) {
    guard !hardware[context].isReady else { return }
    hardware[context].isReady = true
    arbiter.append(hardware: context)
  }

  /// All sessions and contexts are looked at again, as after the unit has been enabled.
  mutating func wakeAll() {
    for session in sessions.indices { wake(session) }
    for context in hardware.indices { wakeAgent(context) }
  }

  /// The sessions that wait for room in the trace ring of a function.
  mutating func wakeTraced(by function: Int) {
    guard !management[function].held.isEmpty else { return }
    let held = management[function].held
    management[function].held.removeAll(keepingCapacity: true)
    for session in held {
      sessions[Int(session)].trace.isHeld = false
      wake(Int(session))
    }
  }

  /// A session has found no room in the trace ring of its monitor.
  mutating func hold(_ session: Int) {
    guard !sessions[session].trace.isHeld else { return }
    sessions[session].trace.isHeld = true
    management[sessions[session].settings.monitor].held.append(Int32(truncatingIfNeeded: session))
  }

  /// A session waits for no trace ring any more.
  mutating func letGo(_ session: Int) {
    guard sessions[session].trace.isHeld else { return }
    sessions[session].trace.isHeld = false
    management[sessions[session].settings.monitor].held.removeAll { Int($0) == session }
  }

  /// What is being read for sessions comes to nothing; the messages still stand in their rings.
  mutating func stopFetching(_ numbers: [Int]) {
    for session in numbers { stopFetching(session, sessions[session].epoch) }
  }

  mutating func stopFetching(_ session: Int, _ epoch: UInt32) {
    guard sessions[session].epoch == epoch, sessions[session].isFetching else { return }
    sessions[session].epoch &+= 1
    sessions[session].isFetching = false
    arbiter.fetches -= 1
  }

  /// Lets everything move that can.
  ///
  /// Accelerators that are joined to a ring could go on for ever: after some turns what is left waits for a
  /// timer.
  mutating func pump(in fabric: inout Fabric) {
    guard isEnabled, !arbiter.isResting else { return }
    for _ in 0..<SessionArbiter.turnsMax {
      if let session = arbiter.nextMoving() {
        sessions[session].isReady = false
        moveFromHardware(session, in: &fabric)
      } else if let context = arbiter.nextWorking() {
        hardware[context].isReady = false
        work(context, in: &fabric)
      } else if let session = arbiter.nextFetching() {
        sessions[session].isReady = false
        fetch(session, in: &fabric)
      } else {
        return
      }
    }
    guard let port = functions[0].port else { return }
    arbiter.isResting = true
    fabric.setTimer(after: SessionArbiter.rest, node: port.node, token: SessionArbiter.timerToken)
  }

  /// The rest is over.
  mutating func goOn(in fabric: inout Fabric) {
    arbiter.isResting = false
    pump(in: &fabric)
  }
}
