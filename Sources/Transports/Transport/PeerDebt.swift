import Simulation

/// What a peer has to go on with, and since when it has not.
struct PeerDebt<Kind: CustomStringConvertible> {
  /// How long it may take.
  let limit: VirtualDuration
  /// What it is, nil while nothing is owed.
  private(set) var kind: Kind?
  private var since = VirtualTime.zero

  init(limit: VirtualDuration) { self.limit = limit }

  /// When it is overdue.
  var deadline: VirtualTime? { kind == nil ? nil : since + limit }

  /// Looks anew; the time begins again whenever anything moves.
  mutating func settle(_ kind: Kind?, at now: VirtualTime, hasMoved: Bool) {
    if hasMoved || self.kind == nil { since = now }
    self.kind = kind
  }

  func isOverdue(at now: VirtualTime) -> Bool { deadline.map { now >= $0 } ?? false }

  /// Somebody keeps the peer from doing anything: its time begins anew.
  mutating func excuse(at now: VirtualTime) { since = now }
}
