import PCIe

/// The TLP that a fault holds back where it is to be delivered, and what has arrived behind it.
struct HeldLine: Sendable {
  private(set) var head: FabricTLP?
  /// What must pass the head, nil when it waits for a time.
  private(set) var behind: LinkFault.Behind?
  /// What was drawn for the head.
  private(set) var drawn: DrawnMark?
  /// Told apart so that the time of a head that has gone already comes to nothing.
  private(set) var ticket: UInt32 = 0
  private var waiting: ContiguousArray<FabricTLP> = []

  var isHolding: Bool { head != nil }

  mutating func hold(_ tlp: FabricTLP, _ drawn: DrawnMark, behind: LinkFault.Behind?) {
    head = tlp
    self.drawn = drawn
    self.behind = behind
    ticket &+= 1
  }

  mutating func append(_ tlp: FabricTLP) { waiting.append(tlp) }

  mutating func takeHead() -> FabricTLP? {
    defer { head = nil }
    return head
  }

  mutating func takeWaiting() -> ContiguousArray<FabricTLP> {
    defer { waiting = [] }
    return waiting
  }

  /// Takes the posted requests out of what waits, before something passes that may not pass them.
  ///
  /// Nil where one of them has to stay itself.
  ///
  /// - Source: PCI Express Base 5.0, 2.4.1 table 2-40: nothing passes a posted request, which passes all that
  ///   is not posted.
  mutating func takePosted() -> [FabricTLP]? {
    let posted = waiting.filter { $0.flowControlClass == .posted }
    guard posted.allSatisfy({ $0.marks.fates.isDisjoint(with: .staying) }) else { return nil }
    if !posted.isEmpty { waiting.removeAll { $0.flowControlClass == .posted } }
    return posted
  }

  /// Whether a younger TLP is the one that the head is to let pass.
  func letsPass(_ tlp: FabricTLP) -> Bool {
    guard let head, let behind else { return false }
    let isSame = head.header.requesterID == tlp.header.requesterID && head.header.tag == tlp.header.tag
    switch behind {
    case .interrupt: return tlp.interrupt >= 0
    case .sameRequest: return tlp.header.isCompletionShaped && isSame
    case .otherRequest: return tlp.header.isCompletionShaped && !isSame
    case .tlps(let kinds): return kinds.contains(tlp.kind)
    }
  }
}
