import LinkBroker

// Commands about sessions, their counters and their traces. AMI_TYPE: 0 is software, 1 hardware; AMS_TYPE: 0
// receives, 1 transmits.
extension AMUCore {
  mutating func createSession(_ exchange: inout CommandExchange) {
    let session = exchange["ASN_ID"]
    guard let source = end(exchange, "SRC"), let destination = end(exchange, "DST") else { return }
    guard !sessions[session].isOpen else { return exchange.refuse("REQUESTED_ASN_ID_ALREADY_IN_USE") }
    var settings = SessionSettings()
    settings.priority = UInt8(exchange["PRIO"])
    settings.monitor = exchange["MON_OWNER"]
    settings.log2Length = UInt8(exchange["LOG2_MSG_LENGTH"])
    settings.format = UInt8(exchange["MFO"])
    settings.bufferCount = UInt8(exchange["MF_OB_BUF_NUM"])
    settings.stash = StashSettings(
      isEnabled: exchange.flag("STASH_ENABLE"), control: exchange.word("STASH_CTL"),
      target: UInt32(exchange["STASH_DEST"]))
    // Of hardware that still holds messages the length is given.
    let held = source.isHardware ? hardware[source.context].outputs[source.socket] : MessageQueue()
    guard AMUSizes.messageLog2.contains(Int(settings.log2Length)),
      settings.frontBytes <= settings.messageBytes,
      held.count == 0 || held.messageBytes == settings.messageBytes
    else { return exchange.refuse("LOG2_MSG_LENGTH_OUT_OF_RANGE_") }
    guard self.session(from: source) < 0, self.session(to: destination) < 0 else {
      return exchange.refuse("AMS_ALREADY_CONNECTED_TO_AN_ASN")
    }
    sessions[session].source = source
    sessions[session].destination = destination
    sessions[session].settings = settings
    sessions[session].profile = SessionProfile()
    sessions[session].profile.mask = exchange.word("PROF_MASK")
    sessions[session].profile.tableBase = exchange.word("PROF_TBL_BASE") << 3
    sessions[session].profile.control = UInt16(exchange["PROF_CTL"])
    sessions[session].trace.control = UInt16(exchange["TRACE_CTL"])
    sessions[session].isOpen = true
    sessions[session].moved = 0
    connect(session, source, destination)
    wake([session])
  }

  /// An end of a session that a command names; nil where there is no such socket.
  func end(_ exchange: CommandExchange, _ side: String) -> SessionEnd? {
    let socket = exchange["\(side)_AMS"]
    let context = exchange["\(side)_PHY_AMI_ID"]
    guard socket < sizes.sockets else { return nil }
    guard exchange.flag("\(side)_AMI_TYPE") else {
      return software.indices.contains(context)
        ? SessionEnd(isHardware: false, context: context, socket: socket) : nil
    }
    return hardwarePlace(exchange["\(side)_AHA_ID"], context).map {
      SessionEnd(isHardware: true, context: $0, socket: socket)
    }
  }

  private func session(from end: SessionEnd) -> Int32 {
    end.isHardware
      ? hardware[end.context].outputs[end.socket].session
      : sockets[place(end.context, end.socket)].transmit.session
  }

  private func session(to end: SessionEnd) -> Int32 {
    end.isHardware
      ? hardware[end.context].inputs[end.socket].session
      : sockets[place(end.context, end.socket)].receive.session
  }

  private mutating func connect(_ session: Int, _ source: SessionEnd, _ destination: SessionEnd) {
    let number = Int32(truncatingIfNeeded: session)
    if source.isHardware {
      hardware[source.context].outputs[source.socket].session = number
    } else {
      sockets[place(source.context, source.socket)].transmit.session = number
    }
    if destination.isHardware {
      hardware[destination.context].inputs[destination.socket].session = number
    } else {
      sockets[place(destination.context, destination.socket)].receive.session = number
    }
  }

  /// What has not moved stays where it is: in the ring, or in the hardware context.
  mutating func destroySession(_ exchange: inout CommandExchange) {
    let session = exchange["ASN_ID"]
    guard sessions.indices.contains(session), sessions[session].isOpen else {
      return exchange.refuse("ASN_DOES_NOT_EXIST")
    }
    describe(session, in: &exchange)
    stopFetching([session])
    letGo(session)
    connect(-1, sessions[session].source, sessions[session].destination)
    sessions[session].isOpen = false
    guard sessions[session].isReady else { return }
    sessions[session].isReady = false
    arbiter.remove(
      session: session, priority: Int(sessions[session].settings.priority),
      isFetching: !sessions[session].source.isHardware)
  }

  private func describe(_ session: Int, in exchange: inout CommandExchange) {
    func describe(_ end: SessionEnd, _ side: String) {
      exchange.set("\(side)_AMI_TYPE", end.isHardware)
      exchange.set("\(side)_AMS", end.socket)
      let count = sizes.hardwareContexts
      exchange.set("\(side)_PHY_AMI_ID", end.isHardware ? end.context % count : end.context)
      exchange.set("\(side)_AHA_ID", end.isHardware ? end.context / count : 0)
    }
    let state = sessions[session]
    describe(state.source, "SRC")
    describe(state.destination, "DST")
    exchange.set("PRIO", Int(state.settings.priority))
    exchange.set("MON_OWNER", state.settings.monitor)
    exchange.set("STASH_ENABLE", state.settings.stash.isEnabled)
    exchange.set("STASH_CTL", word: state.settings.stash.control)
    exchange.set("STASH_DEST", Int(state.settings.stash.target))
    exchange.set("PROF_CTL", Int(state.profile.control))
    exchange.set("PROF_MASK", word: state.profile.mask)
    exchange.set("PROF_TBL_BASE", word: state.profile.tableBase >> 3)
    exchange.set("TRACE_CTL", Int(state.trace.control))
    exchange.set("MFO", Int(state.settings.format))
    exchange.set("MF_OB_BUF_NUM", Int(state.settings.bufferCount))
    exchange.set("LOG2_MSG_LENGTH", Int(state.settings.log2Length))
  }

  /// The session at a socket of the function's, when the function is its monitoring owner.
  private func monitored(_ exchange: inout CommandExchange, by function: Int) -> Int? {
    let number = exchange["AMI_ID"]
    let isHardware = exchange.flag("AMI_TYPE")
    let context = isHardware ? hardwareContext(number, of: function) : softwareContext(number, of: function)
    guard let context else {
      exchange.refuse("INVALID_AMI_ID")
      return nil
    }
    let socket = exchange["AMS_ID"]
    let end = SessionEnd(isHardware: isHardware, context: context, socket: socket)
    let session =
      socket >= sizes.sockets ? -1 : Int(exchange.flag("AMS_TYPE") ? session(from: end) : session(to: end))
    guard session >= 0 else {
      exchange.refuse("INVALID_AMS_ID")
      return nil
    }
    guard sessions[session].settings.monitor == function else {
      exchange.refuse("FUNCTION_IS_NOT_THE_MONITORING_OWNER")
      return nil
    }
    return session
  }

  mutating func configureProfile(_ exchange: inout CommandExchange, of function: Int) {
    guard let session = monitored(&exchange, by: function) else { return }
    sessions[session].profile = SessionProfile()
    sessions[session].profile.mask = exchange.word("PROF_MASK")
    sessions[session].profile.tableBase = exchange.word("PROF_TBL_BASE") << 3
    sessions[session].profile.control = UInt16(exchange["PROF_CTL"])
  }

  mutating func configureTrace(_ exchange: inout CommandExchange, of function: Int) {
    guard let session = monitored(&exchange, by: function) else { return }
    sessions[session].trace.control = UInt16(exchange["TRACE_CTL"])
    wake([session])
  }
}
