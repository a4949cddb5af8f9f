import LinkBroker
import PCIe

// The way of messages.
extension AMUCore {
  /// Starts to read messages of a software context, as many as the destination has room for.
  mutating func fetch(_ session: Int, in fabric: inout Fabric) {
    guard sessions[session].isOpen, !sessions[session].isFetching else { return }
    let (source, destination) = (sessions[session].source, sessions[session].destination)
    let owner = Int(software[source.context].mapping.owner)
    guard software[source.context].isEnabled, owner >= 0, isRunning(owner) else { return }
    let ring = sockets[place(source.context, source.socket)].transmit
    guard ring.waiting > 0, ring.isConfigured else { return }
    let bytes = sessions[session].settings.messageBytes
    let room = room(of: destination, for: session, in: &fabric)
    guard room > 0, findsTraceRoom(session) else { return count(1, .stalls, session, in: &fabric) }
    let most = min(ring.waiting, UInt64(max(1, AMUSizes.fetchBytesMax / bytes)), UInt64(room))
    let messages = ring.run(from: ring.read, most)
    guard let address = ring.address(of: ring.read, messageBytes: bytes) else {
      return ringFault(source.context, source.socket, in: &fabric)
    }
    sessions[session].isFetching = true
    sessions[session].fetched = Int32(messages)
    arbiter.fetches += 1
    let settings = software[source.context].settings
    read(
      address, count: Int(messages) * bytes, by: owner,
      prefix: prefix(settings.addressSpace, isUsed: settings.usesAddressSpace),
      for: .fetch(session: session, epoch: sessions[session].epoch), in: &fabric)
  }

  /// Messages of a software context have come: they leave their ring when they are at their destination.
  mutating func fetched(
    _ status: RequestStatus, _ operation: RequestOperation?, of function: Int, session: Int, epoch: UInt32,
    in fabric: inout Fabric
  ) {
    guard sessions[session].epoch == epoch, sessions[session].isFetching else { return }
    sessions[session].isFetching = false
    arbiter.fetches -= 1
    let source = sessions[session].source
    guard status == .successful, let operation else {
      count(1, .faults, session, in: &fabric)
      return ringFault(source.context, source.socket, in: &fabric)
    }
    // Another session's record may have taken the place: the messages stay in their ring until there is one.
    guard findsTraceRoom(session) else { return count(1, .stalls, session, in: &fabric) }
    let messages = Int(sessions[session].fetched)
    let bytes = messages * sessions[session].settings.messageBytes
    functions[function].copyData(of: operation, count: bytes, to: &scratch, at: 0)
    let destination = sessions[session].destination
    if destination.isHardware {
      hardware[destination.context].inputs[destination.socket].append(scratch, messages: messages)
      hardware[destination.context].pending |= 1 << UInt64(destination.socket)
      wakeAgent(destination.context)
    } else {
      guard store(scratch, 0, messages, session, in: &fabric) else { return }
    }
    sockets[place(source.context, source.socket)].transmit.read &+= UInt64(messages)
    refreshTransmit(source.context, source.socket, in: &fabric)
    noteMoved(messages, session, in: &fabric)
    wake(session)
  }

  /// Moves answers of a hardware context, as many as the destination has room for.
  mutating func moveFromHardware(_ session: Int, in fabric: inout Fabric) {
    guard sessions[session].isOpen else { return }
    let (source, destination) = (sessions[session].source, sessions[session].destination)
    let owner = Int(hardware[source.context].mapping.owner)
    guard hardware[source.context].isEnabled, owner >= 0, isRunning(owner) else { return }
    while true {
      let (start, held) = hardware[source.context].outputs[source.socket].run
      guard held > 0 else { return }
      let room = room(of: destination, for: session, in: &fabric)
      guard room > 0, findsTraceRoom(session) else { return count(1, .stalls, session, in: &fabric) }
      let messages = min(held, room)
      let bytes = hardware[source.context].outputs[source.socket].storage
      if destination.isHardware {
        hardware[destination.context].inputs[destination.socket].append(
          bytes, from: start, messages: messages)
        hardware[destination.context].pending |= 1 << UInt64(destination.socket)
        wakeAgent(destination.context)
      } else {
        guard store(bytes, start, messages, session, in: &fabric) else { return }
      }
      hardware[source.context].outputs[source.socket].removeFirst(messages)
      // An agent that had no room for its answer goes on.
      wakeAgent(source.context)
      noteMoved(messages, session, in: &fabric)
    }
  }

  /// How many messages a destination takes now; none while it does not work.
  private mutating func room(of end: SessionEnd, for session: Int, in fabric: inout Fabric) -> Int {
    let bytes = sessions[session].settings.messageBytes
    if end.isHardware {
      let owner = Int(hardware[end.context].mapping.owner)
      guard hardware[end.context].isEnabled, owner >= 0, isRunning(owner) else { return 0 }
      let front = sessions[session].settings.frontBytes
      hardware[end.context].inputs[end.socket].prepare(
        messageBytes: bytes, front: front,
        capacity: hardware[end.context].settings.capacity(messageBytes: bytes))
      let queue = hardware[end.context].inputs[end.socket]
      return queue.messageBytes == bytes && queue.front == front ? queue.room : 0
    }
    let owner = Int(software[end.context].mapping.owner)
    guard software[end.context].isEnabled, owner >= 0, isRunning(owner) else { return 0 }
    let ring = sockets[place(end.context, end.socket)].receive
    guard ring.isConfigured else { return 0 }
    return Int(clamping: ring.overwrites ? ring.size : ring.free)
  }

  /// Writes messages into a receiving ring, then moves its index; false when the ring has no such place.
  private mutating func store(
    _ bytes: [UInt8], _ start: Int, _ messages: Int, _ session: Int, in fabric: inout Fabric
  ) -> Bool {
    let end = sessions[session].destination
    let length = sessions[session].settings.messageBytes
    let owner = Int(software[end.context].mapping.owner)
    let settings = software[end.context].settings
    let prefix = prefix(settings.addressSpace, isUsed: settings.usesAddressSpace)
    var done = 0
    while done < messages {
      let first = start + done * length
      let ring = sockets[place(end.context, end.socket)].receive
      let stash = stash(of: session, bytes, first)
      let count = alike(
        Int(ring.run(from: ring.write, UInt64(messages - done))), session, stash, bytes, from: first)
      guard let address = ring.address(of: ring.write, messageBytes: length),
        functions[owner].write(
          address: address, data: bytes, from: first, count: count * length,
          marks: marks(prefix, stash: stash, of: owner), in: &fabric) == .successful
      else {
        ringFault(end.context, end.socket, in: &fabric)
        return false
      }
      sockets[place(end.context, end.socket)].receive.write &+= UInt64(count)
      done += count
    }
    let excess = sockets[place(end.context, end.socket)].receive.waiting
    let size = sockets[place(end.context, end.socket)].receive.size
    if excess > size { sockets[place(end.context, end.socket)].receive.read &+= excess - size }
    refreshReceive(end.context, end.socket, in: &fabric)
    return true
  }

  /// The stash of a message; in formats with a front, it stands there.
  private func stash(of session: Int, _ bytes: [UInt8], _ start: Int) -> StashSettings {
    var stash = sessions[session].settings.stash
    if stash.isEnabled, sessions[session].settings.format != 0 { stash.control = bytes.loadLE(at: start) }
    return stash
  }

  /// How many of some messages, one behind the other, have the stash of the first.
  private func alike(
    _ messages: Int, _ session: Int, _ first: StashSettings, _ bytes: [UInt8], from start: Int
  ) -> Int {
    guard first.isEnabled, sessions[session].settings.format != 0 else { return messages }
    let length = sessions[session].settings.messageBytes
    return (1..<messages).first { bytes.loadLE(at: start + $0 * length) != first.control } ?? messages
  }
}

// Counters and traces.
extension AMUCore {
  /// Whether a function has its sessions counted.
  func isProfiling(_ function: Int) -> Bool { management[function].control >> 18 & 1 == 1 }

  /// AMU_CR: the function's own bit, and for a virtual function that of the physical one.
  private func isTracing(_ function: Int) -> Bool {
    isRunning(function) && management[function].control >> 17 & 1 == 1
      && (function == 0 || management[0].control >> 1 & 1 == 1)
  }

  private func traces(_ session: Int) -> Bool {
    sessions[session].trace.isEnabled && isTracing(sessions[session].settings.monitor)
  }

  /// Whether a record of the session can be written; a session that has to wait is woken when it can.
  private mutating func findsTraceRoom(_ session: Int) -> Bool {
    guard sessions[session].trace.isEnabled, traces(session) else { return true }
    let ring = management[sessions[session].settings.monitor][.trace]
    if ring.overwrites || ring.free > 0 { return true }
    hold(session)
    return false
  }

  private mutating func noteMoved(_ messages: Int, _ session: Int, in fabric: inout Fabric) {
    if sessions[session].profile.isEnabled {
      count(UInt64(messages), .messages, session, in: &fabric)
      count(UInt64(messages * sessions[session].settings.messageBytes), .bytes, session, in: &fabric)
    }
    if sessions[session].trace.isEnabled, traces(session) {
      let record = TraceRecord(
        session: session, first: sessions[session].moved, messages: messages, time: fabric.now)
      post(record.bytes, to: .trace, of: sessions[session].settings.monitor, in: &fabric)
    }
    sessions[session].moved &+= UInt64(messages)
  }

  mutating func count(
    _ amount: UInt64, _ counter: SessionProfile.Counter, _ session: Int, in fabric: inout Fabric
  ) {
    let monitor = sessions[session].settings.monitor
    guard sessions[session].profile.isEnabled, isProfiling(monitor),
      sessions[session].profile.add(amount, to: counter)
    else { return }
    let source = sessions[session].source
    var exception = ExceptionMessage("E_F_COUNTER_OVERFLOW")
    let mapping =
      source.isHardware ? hardware[source.context].mapping : software[source.context].mapping
    exception.set("AMI_ID", Int(mapping.number))
    exception.set("F_OWNER", Int(max(0, mapping.owner)))
    exception.set("AMS_ID", source.socket)
    exception.set("AMI_TYPE", source.isHardware ? 1 : 0)
    exception.set("AMS_TYPE", 1)
    exception.set("COUNTER_ID", counter.rawValue)
    post(exception, to: monitor, in: &fabric)
  }
}
