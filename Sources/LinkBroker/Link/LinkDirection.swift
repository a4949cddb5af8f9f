import PCIe
import Simulation

/// One direction of a link: the transmitter's queues and credits, and what is on the wire.
struct LinkDirection: Sendable {
  let receiver: FabricPort
  var timing: LinkTiming
  var queues = ClassQueues()
  /// What is on the wire, and behind it what leaves later because nothing but the lanes is in its way.
  var wire: Wire

  var credits: CreditPool
  var returns = CreditReturns()
  /// When the lanes are free again.
  var busyUntil = VirtualTime.zero
  /// The wake-up already in the event queue, `never` when none is.
  var wakeAt = VirtualTime.never
  var order = OrderingChecker()
  /// Requests that it has carried and that wait for a completion.
  var outstanding = TagTable()
  var counters = LinkCounters()
  /// Who else looks at what passes.
  var hooks: LinkHooks

  init(receiver: FabricPort, configuration: LinkConfiguration, credits: CreditPool) {
    self.receiver = receiver
    wire = Wire(isDownstream: !receiver.isDownstream)
    timing = LinkTiming(configuration)
    self.credits = credits
    hooks = configuration.layer == .dataLink ? .dataLink : []
  }
}

extension LinkDirection {
  /// Whether the ports at its ends have a data link layer.
  @inline(__always)
  var isDataLink: Bool { hooks.contains(.dataLink) }
}

// The transmitter.
extension LinkDirection {
  /// What becomes of a TLP that is offered.
  enum Placement {
    /// It is on the wire, or certain to leave next; the one before it tells when it arrives.
    case behind
    /// It is alone on the wire and arrives at an instant.
    case alone(arrival: VirtualTime)
    /// Something besides the lanes is in its way.
    case waits
  }

  /// Numbers a TLP and puts it on the wire when nothing but busy lanes is in its way; otherwise it waits.
  ///
  /// What finds the lanes busy leaves when they are free: what waits longer is younger, and credits only grow
  /// meanwhile. `recall` takes back what has not left when something else comes between.
  /// - Parameter mayLeaveLater: nothing besides the wire has to learn when it leaves.
  @inline(__always)
  mutating func place(_ tlp: inout FabricTLP, at now: VirtualTime, mayLeaveLater: Bool) -> Placement {
    order.stamp(&tlp)
    if queues.isEmpty, busyUntil <= now || mayLeaveLater && timing.latency > .zero {
      returns.absorb(until: now, into: &credits)
      if credits.takeAdmitted(tlp.flowControlClass, data: tlp.dataCredits) {
        if carry(tlp) {
          let arrival = depart(&tlp, at: max(now, busyUntil))
          return arrival.map { .alone(arrival: $0) } ?? .behind
        }
        credits.give(tlp.flowControlClass, data: tlp.dataCredits)
      }
    }
    queues.append(tlp)
    return .waits
  }

  /// Whether something on the wire has not left yet.
  @inline(__always)
  func isAhead(of now: VirtualTime) -> Bool { !wire.isEmpty && wire.lastDeparture > now }

  /// Lets what has not left wait again.
  ///
  /// - Returns: whether there was anything.
  @inline(never)
  mutating func recall(after now: VirtualTime) -> Bool {
    guard isAhead(of: now) else { return false }
    while isAhead(of: now) {
      let tlp = wire.removeLast()
      busyUntil = tlp.departure
      credits.give(tlp.flowControlClass, data: tlp.dataCredits)
      counters.uncount(tlp.kind, payloadBytes: tlp.payload.bytes)
      if tlp.flowControlClass == .nonPosted, !tlp.marks.isForged {
        outstanding.remove(tlp.header.requesterID, tlp.header.tag)
      }
      queues.prepend(tlp)
    }
    return true
  }

  /// Keeps a request that is sent in mind.
  ///
  /// - Returns: false for a request whose tag its requester already waits with.
  @inline(__always)
  mutating func carry(_ tlp: FabricTLP) -> Bool {
    guard tlp.flowControlClass == .nonPosted, !tlp.marks.isForged else { return true }
    return outstanding.insert(tlp.header.requesterID, tlp.header.tag)
  }

  /// Numbers a TLP and says whether it may go now; otherwise it waits.
  mutating func offer(_ tlp: inout FabricTLP, at now: VirtualTime) -> Bool {
    order.stamp(&tlp)
    if queues.isEmpty, busyUntil <= now {
      returns.absorb(until: now, into: &credits)
      if admits(tlp) { return true }
    }
    queues.append(tlp)
    return false
  }

  /// Numbers a TLP that has to wait.
  mutating func keep(_ tlp: inout FabricTLP) {
    order.stamp(&tlp)
    queues.append(tlp)
  }

  /// Counts a TLP that the data link layer takes.
  @inline(__always)
  mutating func account(_ tlp: inout FabricTLP, at now: VirtualTime) {
    credits.take(tlp.flowControlClass, data: tlp.dataCredits)
    counters.count(tlp.kind, payloadBytes: tlp.payload.bytes)
    tlp.departure = now
    wire.remember(tlp)
  }

  /// What a transmitter can do at an instant.
  enum Turn {
    case send(FabricTLP)
    /// Nothing before an instant, `never` when only a returned credit can help and none is on its way.
    case wait(until: VirtualTime)
    case idle
  }

  /// Takes the TLP that may go now.
  @inline(__always)
  mutating func takeTurn(at now: VirtualTime) -> Turn {
    if queues.isEmpty { return .idle }
    if busyUntil > now { return .wait(until: busyUntil) }
    returns.absorb(until: now, into: &credits)
    guard let next = nextToSend else { return .wait(until: returns.nextTime ?? .never) }
    return .send(queues.removeFirst(next))
  }

  /// Takes the credits of a TLP and puts it on the wire.
  ///
  /// - Returns: when it arrives, if it is alone there: of the others the one before tells.
  mutating func launch(_ tlp: inout FabricTLP, at now: VirtualTime) -> VirtualTime? {
    credits.take(tlp.flowControlClass, data: tlp.dataCredits)
    return depart(&tlp, at: now)
  }

  /// Puts a TLP on the wire, which it goes to at an instant.
  ///
  /// - Returns: when it arrives, if it is alone there: of the others the one before tells.
  @inline(__always)
  private mutating func depart(_ tlp: inout FabricTLP, at departure: VirtualTime) -> VirtualTime? {
    busyUntil = departure + timing.serialization(tlpBytes: tlp.wireBytes)
    counters.count(tlp.kind, payloadBytes: tlp.payload.bytes)
    tlp.departure = departure
    tlp.arrival = busyUntil + timing.latency
    let isAlone = wire.isEmpty
    wire.append(tlp)
    return isAlone ? tlp.arrival : nil
  }

  /// Whether a wake-up at an instant is worth an event of its own; the one before it comes to nothing then.
  @inline(__always)
  mutating func wakes(at time: VirtualTime) -> Bool {
    guard time < wakeAt else { return false }
    wakeAt = time
    return true
  }

  /// Adds the credits that have come back by now.
  mutating func absorbCredits(until now: VirtualTime) { returns.absorb(until: now, into: &credits) }

  /// The class whose oldest TLP the ordering table and the credits let go next, the oldest where several may.
  ///
  /// Posted requests and completions pass a stalled non-posted request; nothing passes a posted request but
  /// what relaxed or ID-based ordering lets pass.
  /// - Source: PCI Express Base 5.0, 2.4.1 table 2-40 "Ordering Rules Summary".
  @inline(__always)
  private var nextToSend: FlowControlClass? {
    var best: FlowControlClass?
    var bestSequence = UInt64.max
    if !queues.posted.isEmpty, admits(queues.posted.first) {
      best = .posted
      bestSequence = queues.posted.first.sequence
    }
    if !queues.nonPosted.isEmpty {
      let sequence = queues.nonPosted.first.sequence
      if sequence < bestSequence, admits(queues.nonPosted.first), !isBehindPosted(queues.nonPosted.first) {
        best = .nonPosted
        bestSequence = sequence
      }
    }
    if !queues.completion.isEmpty {
      let sequence = queues.completion.first.sequence
      if sequence < bestSequence, admits(queues.completion.first), !isBehindPosted(queues.completion.first) {
        best = .completion
      }
    }
    return best
  }

  @inline(__always)
  private func admits(_ tlp: FabricTLP) -> Bool {
    credits.admits(tlp.flowControlClass, data: tlp.dataCredits)
      && !hooks.contains(.starving(tlp.flowControlClass))
  }

  /// Whether an older posted request must go before a TLP.
  private func isBehindPosted(_ tlp: FabricTLP) -> Bool {
    guard !queues.posted.isEmpty, queues.posted.first.sequence < tlp.sequence else { return false }
    guard OrderingChecker.mayPass(tlp.header, queues.posted.first.header) else { return true }
    return queues.posted.contains(where: {
      $0.sequence < tlp.sequence && !OrderingChecker.mayPass(tlp.header, $0.header)
    })
  }
}

// The receiver.
extension LinkDirection {
  /// Takes the oldest TLP off the wire.
  @inline(__always)
  mutating func takeArrival() -> FabricTLP { wire.removeFirst() }

  /// When the oldest TLP on the wire arrives, nil when none is there.
  @inline(__always)
  var nextArrival: VirtualTime? { wire.isEmpty ? nil : wire.nextArrival }

  /// A completion that ends its request frees the tag on the direction that carried the request.
  @inline(__always)
  mutating func settle(_ completion: TLPHeader, at now: VirtualTime) {
    guard completion.endsItsRequest, !isAhead(of: now) || !isStillToLeave(completion, after: now) else {
      return
    }
    outstanding.remove(completion.requesterID, completion.tag)
  }

  /// Whether a completion names a request that has not left yet, and so is none of it.
  private func isStillToLeave(_ completion: TLPHeader, after now: VirtualTime) -> Bool {
    (0..<wire.count).contains { place in
      let tlp = wire[place]
      return tlp.departure > now && tlp.flowControlClass == .nonPosted && tlp.header.tag == completion.tag
        && tlp.header.requesterID == completion.requesterID
    }
  }

  /// Gives buffer space back to the transmitter, which learns of it after the latency.
  ///
  /// - Returns: when the transmitter should look, nil when nothing waits there.
  @inline(__always)
  mutating func giveBack(
    _ flowControlClass: FlowControlClass, data: Int32, at now: VirtualTime
  ) -> VirtualTime? {
    guard !credits[flowControlClass].isInfinite else { return nil }
    let time = now + timing.latency
    returns.append(.init(time: time, data: data, flowControlClass: flowControlClass))
    return queues.isEmpty ? nil : max(time, busyUntil)
  }
}

extension LinkDirection {
  /// Starts counters and history anew.
  mutating func resetMeasurements() {
    counters = LinkCounters()
    wire.forgetHistory()
  }
}
