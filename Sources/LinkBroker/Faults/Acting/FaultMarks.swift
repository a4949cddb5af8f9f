/// What faults have put on a TLP.
///
/// - Layout: of the bits, the mark in 2:0 and above it traits that stay with the TLP on its further way.
struct FaultMarks: Hashable, Sendable {
  /// What is to happen where the TLP is delivered.
  enum Mark: UInt8, Sendable {
    case none, drop, duplicate, delay, hold, respond
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
    mark = .none
  }

  var mark: Mark {
    get { Mark(rawValue: bits & 7) ?? .none }
    set { bits = bits & ~7 | newValue.rawValue }
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
