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

  /// When there are credits for a TLP, nil when too few are on their way.
  @inline(__always)
  mutating func creditTime(for tlp: FabricTLP, at now: VirtualTime) -> VirtualTime? {
    returns.absorb(until: now, into: &credits)
    if credits.admits(tlp.flowControlClass, data: tlp.dataCredits) { return now }
    return returns.time(
      when: credits[tlp.flowControlClass], of: tlp.flowControlClass, allows: tlp.dataCredits)
  }

  /// Lets a TLP cross that finds credits at an instant and that its receiver is done with when it arrives.
  ///
  /// What remains of it is what remains of any TLP: counters, history, credits on their way back.
  @inline(__always)
  mutating func cross(_ tlp: inout FabricTLP, at now: VirtualTime) {
    order.stamp(&tlp)
    counters.count(tlp.kind, payloadBytes: tlp.payload.bytes)
    tlp.departure = max(now, busyUntil)
    busyUntil = tlp.departure + timing.serialization(tlpBytes: tlp.wireBytes)
    tlp.arrival = busyUntil + timing.latency
    wire.remember(tlp)
    _ = order.delivers(tlp)
    guard !credits[tlp.flowControlClass].isInfinite else { return }
    returns.absorb(until: now, into: &credits)
    credits.take(tlp.flowControlClass, data: tlp.dataCredits)
    returns.append(
      .init(
        time: tlp.arrival + timing.latency, data: tlp.dataCredits, flowControlClass: tlp.flowControlClass))
  }
}
