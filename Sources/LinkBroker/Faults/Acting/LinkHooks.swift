import PCIe

/// What takes part in what a direction of a link does: faults, the capture, a data link layer.
///
/// Nothing set is the shortest way.
struct LinkHooks: OptionSet, Sendable {
  let rawValue: UInt16

  /// Faults look at TLPs that the transaction layer sends.
  static let egress = LinkHooks(rawValue: 1 << 0)
  /// A TLP is held back where it is to be delivered, and others behind it.
  static let holding = LinkHooks(rawValue: 1 << 1)
  /// Faults look at frames of the data link layer.
  static let frames = LinkHooks(rawValue: 1 << 2)
  /// What starts at the sender carries a digest.
  static let digests = LinkHooks(rawValue: 1 << 6)
  /// The tap of the capture, when the first byte is sent.
  static let capture = LinkHooks(rawValue: 1 << 7)
  /// The ports at its ends have a data link layer.
  static let dataLink = LinkHooks(rawValue: 1 << 8)
  /// The link carries nothing: it is down, or in training.
  static let closed = LinkHooks(rawValue: 1 << 9)
  /// The sender gets no credits of some class.
  static let starved: LinkHooks = [starving(.posted), starving(.nonPosted), starving(.completion)]

  /// The sender gets no credits of a class.
  @inline(__always)
  static func starving(_ flowControlClass: FlowControlClass) -> LinkHooks {
    LinkHooks(rawValue: 8 << flowControlClass.rawValue)
  }

  mutating func set(_ hook: LinkHooks, to isOn: Bool) {
    if isOn { insert(hook) } else { remove(hook) }
  }

  /// All that takes part before a TLP is on the lanes.
  static let sending: LinkHooks = [.egress, .capture, .dataLink, .closed, .starved]
  /// The same without the faults that look at TLPs.
  static let sendingUnstruck: LinkHooks = [.capture, .dataLink, .closed, .starved]

  #if WITHOUT_FAULT_HOOKS
    /// What the build that the benchmark compares with has.
    private static let built: UInt16 = 1 << 6 | 1 << 7 | 1 << 8 | 1 << 9

    @inline(__always)
    func isDisjoint(with hooks: LinkHooks) -> Bool { rawValue & hooks.rawValue & Self.built == 0 }

    /// Hooks for faults are never set in the build that the benchmark compares with, so that what would look
    /// at them is not compiled.
    @inline(__always)
    func contains(_ hook: LinkHooks) -> Bool {
      rawValue & hook.rawValue & Self.built == hook.rawValue
    }
  #endif
}
