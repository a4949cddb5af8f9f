import PCIe

/// Sees that nothing on one direction of a link overtakes a posted request that it must not overtake.
///
/// - Source: PCI Express Base 5.0, 2.4.1 table 2-40, entries A2, B2, C2 and D2.
struct OrderingChecker: Sendable {
  private(set) var nextSequence: UInt64 = 0
  private var postedSent: UInt64 = 0
  private var postedDelivered: UInt64 = 0
  private var lastPosted: UInt64?

  /// Numbers a TLP in the order of sending.
  @inline(__always)
  mutating func stamp(_ tlp: inout FabricTLP) {
    tlp.sequence = nextSequence
    tlp.postedBefore = postedSent
    nextSequence &+= 1
    if tlp.flowControlClass == .posted { postedSent &+= 1 }
  }

  /// Whether a TLP may be delivered now; posted requests that were lost on purpose count as delivered.
  @inline(__always)
  mutating func delivers(_ tlp: FabricTLP) -> Bool {
    if tlp.flowControlClass == .posted {
      defer {
        postedDelivered &+= 1
        lastPosted = tlp.sequence
      }
      guard let last = lastPosted else { return true }
      return tlp.sequence > last || Self.isRelaxed(tlp.header)
    }
    return postedDelivered >= tlp.postedBefore || Self.isRelaxed(tlp.header)
  }

  /// Numbers a TLP that is delivered before anything else is sent.
  @inline(__always)
  mutating func pass(_ tlp: inout FabricTLP) {
    stamp(&tlp)
    guard tlp.flowControlClass == .posted else { return }
    postedDelivered &+= 1
    lastPosted = tlp.sequence
  }

  /// Whether a TLP may overtake an older posted request.
  static func mayPass(_ header: TLPHeader, _ posted: TLPHeader) -> Bool {
    if header.isCompletionShaped, header.attributes.contains(.relaxedOrdering) { return true }
    guard header.attributes.contains(.idBasedOrdering) else { return false }
    let sender = header.isCompletionShaped ? header.completerID : header.requesterID
    return sender != posted.requesterID
  }

  /// Whether the attributes may let a TLP overtake some posted request; which one it was is not known here.
  private static func isRelaxed(_ header: TLPHeader) -> Bool {
    if header.attributes.contains(.idBasedOrdering) { return true }
    // Relaxed ordering lets posted requests and completions pass, reads never (table 2-40, B2).
    return header.attributes.contains(.relaxedOrdering)
      && (header.isCompletionShaped || header.kind?.flowControlClass == .posted)
  }
}
