import Endpoints
import LinkBroker
import PCIe
import Simulation
import SuiteLanguage

/// A step of a Revere-AMU's driver in progress.
struct AMUWork {
  /// What the step is to do.
  enum Goal {
    case command(Step.ManagementCommand, [UInt8])
    case exception(Step.ManagementException)
    case trace(Step.ManagementTrace)
    case errorState(Step.ManagementErrorState)
    case send(Step.MessageSend, [UInt8])
    case receive(Step.MessageReceive, [UInt8]?)
  }

  private enum Stage {
    /// A virtual function gets bus mastering and MSI-X.
    case preparing(SoftwareScript)
    case ready
    case waiting(AMUDriver.Source)
    /// The index that software moves, then the one that the unit moves.
    case reading(RequestOperation, own: UInt64?)
    /// AMU_SR is being read.
    case looking(RequestOperation)
    case pausing(until: VirtualTime)
  }

  let software: AMUSoftware
  let driver: AMUDriver
  let goal: Goal
  let node: String
  private var stage: Stage
  private var moved = 0
  /// The command is in its ring.
  private var isSent = false
  private var pause = VirtualDuration.nanoseconds(500)

  init(_ goal: Goal, _ software: AMUSoftware, _ driver: AMUDriver, preparing script: SoftwareScript?) {
    self.goal = goal
    self.software = software
    self.driver = driver
    node = software.node
    stage = script.map { .preparing($0) } ?? .ready
  }

  /// Whether there is something to do.
  func canAdvance(_ topology: borrowing CaseTopology) -> Bool {
    guard software.isCurrent(driver, of: function) else { return true }
    return switch stage {
    case .preparing(let script): script.canAdvance(topology)
    case .ready: mayBegin
    case .waiting(let source): driver.has(source)
    case .reading(let operation, _), .looking(let operation):
      topology.rootComplex.status(of: operation) != nil
    case .pausing(let until): topology.fabric.now >= until
    }
  }

  /// Goes on as far as it can; true when the step is done.
  mutating func advance(_ topology: inout CaseTopology) throws(StepFailure) -> Bool {
    while canAdvance(topology) {
      guard software.isCurrent(driver, of: function) else {
        throw .expectation("function \(function) of \(node) was reset before the step was done")
      }
      switch stage {
      case .preparing(var script):
        let isDone = try script.advance(&topology)
        stage = .preparing(script)
        guard isDone else { return false }
        topology.start(driver, software, function)
        software.setClaim(nil, of: function)
        stage = .ready
      case .ready: begin(&topology)
      case .waiting(let source):
        guard let message = driver.take(source, in: &topology.fabric) else { return false }
        if source == .responses { software.setClaim(nil, of: function) }
        try check(message)
        return true
      case .reading(let operation, let own):
        if try indexRead(operation, own, &topology) { return true }
      case .looking(let operation):
        if try stateRead(operation, &topology) { return true }
      case .pausing: begin(&topology)
      }
    }
    return false
  }

  private var function: Int {
    switch goal {
    case .command(let command, _): command.function
    case .exception(let exception): exception.function
    case .trace(let trace): trace.function
    case .errorState(let state): state.function
    case .send(let send, _): send.function
    case .receive(let receive, _): receive.function
    }
  }

  /// A function's commands go out one by one, so that each response is that of its step.
  private var mayBegin: Bool {
    let claim = software.claim(of: function)
    if case .command = goal { return claim == nil }
    return claim != .preparing
  }

  private mutating func begin(_ topology: inout CaseTopology) {
    switch goal {
    case .command(let command, let message):
      if !isSent {
        software.setClaim(.command, of: function)
        driver.send(message, in: &topology.fabric)
        isSent = true
      }
      if command.errorState == nil { stage = .waiting(.responses) } else { look(&topology) }
    case .exception: stage = .waiting(.exceptions)
    case .trace: stage = .waiting(.traces)
    case .errorState: look(&topology)
    case .send, .receive:
      let own = isReceiving ? AMULayout.receiveRead : AMULayout.transmitWrite
      stage = .reading(driver.beginRead(place(own), in: &topology.fabric), own: nil)
    }
  }
}

// Messages of sockets.
extension AMUWork {
  private var isReceiving: Bool {
    if case .receive = goal { true } else { false }
  }

  private var socket: (context: Int, socket: Int) {
    switch goal {
    case .send(let send, _): (send.ami, send.ams)
    case .receive(let receive, _): (receive.ami, receive.ams)
    case .command, .exception, .trace, .errorState: (0, 0)
    }
  }

  private func place(_ register: Int) -> Int {
    AMULayout.page(ofContext: socket.context) + register + socket.socket * 8
  }

  /// An index has been read; true when the step is done.
  private mutating func indexRead(
    _ operation: RequestOperation, _ own: UInt64?, _ topology: inout CaseTopology
  ) throws(StepFailure) -> Bool {
    let result = topology.rootComplex.finish(operation, in: &topology.fabric)
    guard result.status == .successful else {
      throw .expectation("an index of \(node) could not be read: \(result.status.text)")
    }
    let index: UInt64 = result.data.loadLE(at: 0)
    guard let own else {
      let other = isReceiving ? AMULayout.receiveWrite : AMULayout.transmitRead
      stage = .reading(driver.beginRead(place(other), in: &topology.fabric), own: index)
      return false
    }
    guard
      var ring = software.ring(function, socket.context, socket.socket, isReceiving: isReceiving)
    else {
      throw .expectation(
        "sw\(socket.context) of \(node) has no ring with a session at socket \(socket.socket) that the steps "
          + "before have set up in host memory")
    }
    ring.index = own
    let isDone =
      switch goal {
      case .send(let step, let bytes): try send(step, bytes, &ring, taken: index, &topology)
      case .receive(let step, let bytes): try take(step, bytes, &ring, put: index, &topology)
      case .command, .exception, .trace, .errorState: true
      }
    if !isDone { rest(&topology) }
    return isDone
  }

  /// AMU_SR has been read; true when the state that is due has come, which then is ended.
  private mutating func stateRead(
    _ operation: RequestOperation, _ topology: inout CaseTopology
  ) throws(StepFailure) -> Bool {
    let result = topology.rootComplex.finish(operation, in: &topology.fabric)
    guard let due = errorState else { return true }
    guard result.status == .successful else {
      throw .expectation("AMU_SR of \(node) could not be read: \(result.status.text)")
    }
    let code: UInt64 = result.data.loadLE(at: 0)
    guard code != 0 else {
      if case .command(let command, _) = goal, driver.has(.responses) {
        throw .expectation("\(command.command) was answered, expected error state \(due)")
      }
      rest(&topology)
      return false
    }
    try check(errorState: code, due)
    driver.write(AMULayout.status, 0, in: &topology.fabric)
    if case .command = goal { software.setClaim(nil, of: function) }
    return true
  }

  private mutating func look(_ topology: inout CaseTopology) {
    stage = .looking(driver.beginRead(AMULayout.status, in: &topology.fabric))
  }

  /// The error state that is due.
  private var errorState: String? {
    switch goal {
    case .command(let command, _): command.errorState
    case .errorState(let state): state.state
    case .exception, .trace, .send, .receive: nil
    }
  }

  /// Looks again a little later.
  private mutating func rest(_ topology: inout CaseTopology) {
    stage = .pausing(until: topology.fabric.now + pause)
    topology.fabric.setTimer(
      after: pause, node: topology.rootComplex.core.node, token: SoftwareScript.timerToken)
    pause = min(VirtualDuration(picoseconds: pause.picoseconds * 2), .microseconds(100))
  }

  /// Puts as many messages into the ring as it has room for.
  private mutating func send(
    _ step: Step.MessageSend, _ bytes: [UInt8], _ ring: inout AMUDriverRing, taken: UInt64,
    _ topology: inout CaseTopology
  ) throws(StepFailure) -> Bool {
    let length = ring.messageBytes
    guard step.buffers != nil || bytes.count == length || bytes.count == length * step.messages else {
      throw .expectation(
        "data of \(bytes.count) bytes for \(step.messages) messages of \(length) bytes: give one or all")
    }
    let waiting = ring.index &- taken
    let room = waiting > ring.size ? 0 : Int(ring.size - waiting)
    let count = min(room, step.messages - moved)
    if count > 0 {
      let first = moved
      ring.put(count, to: topology.rootComplex) { number in
        if let buffers = step.buffers { return buffers.message(first + number, bytes: length) }
        let start = bytes.count == length ? 0 : (first + number) * length
        return Array(bytes[start..<start + length])
      }
      moved += count
      driver.write(place(AMULayout.transmitWrite), ring.index, in: &topology.fabric)
    }
    if let accepted = step.accepted {
      guard moved == accepted else {
        throw .expectation("the ring took \(moved) messages, expected \(accepted)", subject: "messages taken")
      }
      return true
    }
    return moved == step.messages
  }

  /// Takes the messages that have come and compares them.
  private mutating func take(
    _ step: Step.MessageReceive, _ due: [UInt8]?, _ ring: inout AMUDriverRing, put: UInt64,
    _ topology: inout CaseTopology
  ) throws(StepFailure) -> Bool {
    let length = ring.messageBytes
    if let due, due.count != length, due.count != length * step.messages {
      throw .expectation(
        "data of \(due.count) bytes for \(step.messages) messages of \(length) bytes: give one or all")
    }
    let waiting = put &- ring.index
    let count = min(Int(clamping: min(waiting, ring.size)), step.messages - moved)
    guard count > 0 else { return false }
    let seen = ring.take(count, from: topology.rootComplex)
    if let due {
      for number in 0..<count {
        let start = due.count == length ? 0 : (moved + number) * length
        let failure = DataComparison.failure(
          expected: Array(due[start..<start + length]),
          seen: Array(seen[number * length..<(number + 1) * length]), mask: nil)
        if var failure {
          failure.message = "message \(moved + number + 1): \(failure.message)"
          throw failure
        }
      }
    }
    if let check = BufferCheck(step) {
      for number in 0..<count {
        let answer = Array(seen[number * length..<(number + 1) * length])
        guard var failure = check.failure(answer, in: topology.rootComplex.core.memory) else { continue }
        failure.message = "message \(moved + number + 1): \(failure.message)"
        throw failure
      }
    }
    moved += count
    driver.write(place(AMULayout.receiveRead), ring.index, in: &topology.fabric)
    return moved == step.messages
  }
}
