import Simulation

/// The resets of a link and of its function, and what comes after them.
struct VfioUserRecovery {
  /// A reset of the link that the host wants.
  var resetting: VfioUserReset?
  /// What the function is given back after a reset of itself.
  var upkeep: VfioUserUpkeep?
  /// Until when accesses wait for a link in training.
  var patience: VirtualTime?

  /// When something of it is due.
  var deadline: VirtualTime? { [resetting?.until, upkeep?.due, patience].compactMap(\.self).min() }
}

/// A reset that a host wants: it begins when what the host has sent before has arrived.
struct VfioUserReset {
  let token: VfioUserToken
  /// When it ends though the link is not up again; nil before it has begun.
  var until: VirtualTime?
}

/// What a function has lost by a reset of itself, and its host believes to be there.
struct VfioUserUpkeep {
  let words: [(register: Int, word: UInt32)]
  /// When it is given back, if its host does not ask for anything before; nil before that is known.
  var due: VirtualTime?

  /// How long a function may take for its reset, in which it need not take requests.
  ///
  /// - Source: PCI Express Base 5.0, 6.6.2 "Function Level Reset (FLR)".
  static let pause = VirtualDuration.milliseconds(100)
}
