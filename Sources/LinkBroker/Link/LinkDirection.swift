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

  init(receiver: FabricPort, configuration: LinkConfiguration, credits: CreditPool) {
    self.receiver = receiver
    timing = LinkTiming(configuration)
    self.credits = credits
  }
}

extension LinkDirection {
  /// Whether credits let a TLP of a class start now.
  func admits(_ flowControlClass: FlowControlClass, _ tlp: FabricTLP) -> Bool {
    credits.admits(flowControlClass, data: CreditPool.data(payloadBytes: Int(tlp.payload.bytes)))
  }

  /// Adds the credits that have come back by now.
  mutating func absorbCredits(until now: VirtualTime) { returns.absorb(until: now, into: &credits) }

  /// Takes the TLP that the ordering table and the credits let go next, the oldest where several may.
  ///
  /// Posted requests and completions pass a stalled non-posted request; nothing passes a posted request but
  /// what relaxed or ID-based ordering lets pass.
  /// - Source: PCI Express Base 5.0, 2.4.1 table 2-40 "Ordering Rules Summary".
  mutating func nextToSend() -> FabricTLP? {
    let posted = queues.posted.isEmpty ? nil : queues.posted.first
    var best: FlowControlClass?
    var bestSequence = UInt64.max
    if let posted, admits(.posted, posted) {
      best = .posted
      bestSequence = posted.sequence
    }
    if !queues.nonPosted.isEmpty {
      let tlp = queues.nonPosted.first
      if tlp.sequence < bestSequence, !isBehind(tlp, posted), admits(.nonPosted, tlp) {
        best = .nonPosted
        bestSequence = tlp.sequence
      }
    }
    if !queues.completion.isEmpty {
      let tlp = queues.completion.first
      if tlp.sequence < bestSequence, !isBehind(tlp, posted), admits(.completion, tlp) { best = .completion }
    }
    guard let best else { return nil }
    return queues.removeFirst(best)
  }

  /// Whether an older posted request must go before a TLP.
  private func isBehind(_ tlp: FabricTLP, _ posted: FabricTLP?) -> Bool {
    guard let posted, posted.sequence < tlp.sequence else { return false }
    guard OrderingChecker.mayPass(tlp.header, posted.header) else { return true }
    return queues.posted.contains(where: {
      $0.sequence < tlp.sequence && !OrderingChecker.mayPass(tlp.header, $0.header)
    })
  }
}
