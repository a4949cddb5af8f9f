import PCIe
import Simulation

// A direction on which nothing is under way.
extension LinkDirection {
  /// Whether nobody else takes part and nothing waits or travels.
  @inline(__always)
  var isQuiet: Bool { hooks.isEmpty && queues.isEmpty && wire.isEmpty }

  /// When a TLP of a size would arrive.
  @inline(__always)
  mutating func arrival(ofBytes bytes: Int, at now: VirtualTime) -> VirtualTime {
    max(now, busyUntil) + timing.serialization(tlpBytes: bytes) + timing.latency
  }

  /// Whether there are credits for a read now.
  ///
  /// Others may pass it while it waits for credits, though not on the lanes.
  @inline(__always)
  mutating func admitsRead(at now: VirtualTime) -> Bool {
    if credits.nonPosted.headers > 0 { return true }
    returns.absorb(until: now, into: &credits)
    return credits.nonPosted.headers > 0
  }

  /// Lets a read cross for which there are credits, and gives its arrival.
  @inline(__always)
  mutating func cross(read header: TLPHeader, at now: VirtualTime) -> VirtualTime {
    returns.absorb(until: now, into: &credits)
    let arrival = cross(header, .memoryRead, .nonPosted, payloadBytes: 0, at: now)
    spend(.nonPosted, data: 0, until: arrival)
    return arrival
  }

  /// Lets a completion cross, for which credits are infinite.
  ///
  /// - Returns: when it arrives.
  @inline(__always)
  mutating func cross(completion header: TLPHeader, payloadBytes: Int, at now: VirtualTime) -> VirtualTime {
    cross(header, .completionWithData, .completion, payloadBytes: payloadBytes, at: now)
  }

  /// Lets a write cross that arrives before an instant, and gives its arrival.
  ///
  /// It waits for credits that are on their way, as nothing may pass it; nil when too few are, or it is late.
  @inline(__always)
  mutating func cross(
    write header: TLPHeader, payloadBytes: Int, at now: VirtualTime, before end: VirtualTime
  ) -> VirtualTime? {
    let data = CreditPool.data(payloadBytes: payloadBytes)
    // What comes back while the lanes are busy comes early enough.
    var time = max(now, busyUntil)
    returns.absorb(until: time, into: &credits)
    if !credits.admits(.posted, data: data) {
      guard let later = returns.time(when: credits.posted, of: .posted, allows: data) else { return nil }
      guard arrival(ofBytes: header.headerBytes + payloadBytes, at: later) <= end else { return nil }
      time = later
      returns.absorb(until: time, into: &credits)
    }
    guard arrival(ofBytes: header.headerBytes + payloadBytes, at: time) <= end else { return nil }
    let arrival = cross(header, .memoryWrite, .posted, payloadBytes: payloadBytes, at: time)
    spend(.posted, data: data, until: arrival)
    return arrival
  }

  /// Lets a TLP cross that its receiver is done with when it arrives.
  ///
  /// What remains of it is what remains of any TLP: counters and history.
  @inline(__always)
  private mutating func cross(
    _ header: TLPHeader, _ kind: TLPKind, _ flowControlClass: FlowControlClass, payloadBytes: Int,
    at now: VirtualTime
  ) -> VirtualTime {
    let departure = max(now, busyUntil)
    busyUntil = departure + timing.serialization(tlpBytes: header.headerBytes + payloadBytes)
    let arrival = busyUntil + timing.latency
    counters.count(kind, payloadBytes: Int32(truncatingIfNeeded: payloadBytes))
    wire.remember {
      $0.header = header
      $0.payload = .elsewhere(bytes: payloadBytes)
      $0.kind = kind
      $0.flowControlClass = flowControlClass
      ($0.interrupt, $0.held, $0.marks, $0.fate) = (-1, HeldBuffer(), FaultMarks(), .sent)
      order.pass(&$0)
      ($0.departure, $0.arrival) = (departure, arrival)
    }
    return arrival
  }

  /// Takes credits that are on their way back when the receiver is done.
  @inline(__always)
  private mutating func spend(_ flowControlClass: FlowControlClass, data: Int32, until arrival: VirtualTime) {
    guard !credits[flowControlClass].isInfinite else { return }
    credits.take(flowControlClass, data: data)
    returns.append(.init(time: arrival + timing.latency, data: data, flowControlClass: flowControlClass))
  }
}
