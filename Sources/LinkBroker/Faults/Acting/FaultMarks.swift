/// What faults have put on a TLP.
///
/// - Layout: of the bits, what is still to happen in 4:0 and above it traits that stay with the TLP on its
///   further way.
struct FaultMarks: Hashable, Sendable {
  /// What is to happen where the TLP is delivered, in this order: a lost TLP suffers nothing else; one that
  /// is held back is answered and comes twice when it is let go.
  struct Fates: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let drop = Fates(rawValue: 1 << 0)
    static let delay = Fates(rawValue: 1 << 1)
    static let hold = Fates(rawValue: 1 << 2)
    static let respond = Fates(rawValue: 1 << 3)
    static let duplicate = Fates(rawValue: 1 << 4)

    /// Those by which a TLP keeps its place behind one that is held back.
    static let staying: Fates = [.drop, .delay, .hold]
  }

  /// The fault that was the first to touch the TLP on its present link, -1 for none.
  private(set) var fault: Int16 = -1
  private var bits: UInt8 = 0

  #if WITHOUT_FAULT_HOOKS
    var isTouched: Bool { false }
  #else
    var isTouched: Bool { fault >= 0 }
  #endif

  /// Keeps the first fault in mind.
  mutating func touch(_ rule: Int) {
    if fault < 0 { fault = Int16(truncatingIfNeeded: rule) }
  }

  /// Leaves what stays with the TLP on its further way.
  mutating func leaveLink() {
    fault = -1
    fates = []
  }

  var fates: Fates {
    get { Fates(rawValue: bits & 0x1f) }
    set { bits = bits & ~0x1f | newValue.rawValue }
  }

  /// The digest does not belong to the TLP any more.
  var hasBadDigest: Bool {
    get { bits & 0x80 != 0 }
    set { bits = newValue ? bits | 0x80 : bits & ~0x80 }
  }

  /// Requester and tag are not those of a request that its requester has sent once.
  ///
  /// No tag is tracked by them.
  var isForged: Bool {
    get { bits & 0x40 != 0 }
    set { bits = newValue ? bits | 0x40 : bits & ~0x40 }
  }
}
