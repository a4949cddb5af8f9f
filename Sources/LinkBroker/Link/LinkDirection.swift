import PCIe
import Simulation

/// One direction of a link: the transmitter's queues and credits, and what is on the wire.
struct LinkDirection: Sendable {
  let receiver: FabricPort
  var timing: LinkTiming
  var queues = ClassQueues()
  var flight = TransmitQueue()
  /// Raised when the wire is emptied, so that arrivals scheduled before then come to nothing.
  var epoch: UInt32 = 0

  var credits: CreditPool
  var returns = CreditReturns()
  /// When the lanes are free again.
  var busyUntil = VirtualTime.zero
  /// The wake-up already in the event queue, `never` when none is.
  var wakeAt = VirtualTime.never
  var order = OrderingChecker()
  var counters = LinkCounters()
  /// Who else looks at what passes.
  var hooks: LinkHooks

  init(receiver: FabricPort, configuration: LinkConfiguration, credits: CreditPool) {
    self.receiver = receiver
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
  /// Numbers a TLP and, when nothing is in its way, lets it go at once; otherwise it waits.
  ///
  /// - Returns: whether it may go now.
  @inline(__always)
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
  mutating func account(_ tlp: FabricTLP) {
    credits.take(tlp.flowControlClass, data: tlp.dataCredits)
    counters.count(tlp.kind, payloadBytes: tlp.payload.bytes)
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

  /// Puts a TLP on the wire.
  ///
  /// - Returns: when it arrives, if it is alone there: of the others the one before tells.
  @inline(__always)
  mutating func launch(_ tlp: inout FabricTLP, at now: VirtualTime) -> VirtualTime? {
    credits.take(tlp.flowControlClass, data: tlp.dataCredits)
    busyUntil = now + timing.serialization(tlpBytes: tlp.wireBytes)
    counters.count(tlp.kind, payloadBytes: tlp.payload.bytes)
    tlp.arrival = busyUntil + timing.latency
    let isAlone = flight.isEmpty
    flight.append(tlp)
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
  ///
  /// - Returns: the TLP, and when the next one arrives.
  @inline(__always)
  mutating func takeArrival() -> (tlp: FabricTLP, next: VirtualTime?) {
    let tlp = flight.removeFirst()
    return (tlp, flight.isEmpty ? nil : flight.first.arrival)
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
