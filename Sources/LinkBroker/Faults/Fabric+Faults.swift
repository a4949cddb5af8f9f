import PCIe
import Simulation

// What whoever runs the fabric does with faults.
extension Fabric {
  /// Arms faults; their numbers go on from those armed before.
  ///
  /// All links must be connected. What begins at once has begun on return.
  public mutating func arm(_ faults: [LinkFault]) {
    quiet.epoch &+= 1
    for fault in faults {
      check(fault)
      self.faults.armed.append(ArmedFault(fault))
    }
    while self.faults.directions.count < directions.count { self.faults.directions.append(DirectionFaults()) }
    let first = self.faults.armed.count - faults.count
    for rule in first..<self.faults.armed.count {
      switch self.faults.armed[rule].fault.start {
      case nil: begin(rule, isAmidTraffic: false)
      case .time(let length): expect(rule, isOver: false, after: length)
      case .count, .manual: break
      }
    }
    compileFaults()
  }

  /// What faults have done so far, in order.
  public var strikes: [FaultStrike] { faults.strikes }

  /// How often a fault has struck; a TLP that is still held back does not count.
  public func strikeCount(_ rule: Int) -> UInt64 { faults.armed[rule].strikes }

  /// How often a fault would have struck what another one has left nothing to do with, and the last of those
  /// others; nil where that has never been.
  public func yields(_ rule: Int) -> (count: UInt64, to: Int)? {
    let yielded = faults.armed[rule].yielded
    return yielded.count == 0 ? nil : yielded
  }

  /// How many matches a fault has seen since it was armed.
  public func matchCount(_ rule: Int) -> UInt64 { faults.armed[rule].matches }

  /// Arms a fault whose start is manual; nothing happens where it is armed already.
  public mutating func trigger(_ rule: Int) {
    precondition(faults.armed[rule].fault.start == .manual, "fault \(rule) starts by itself")
    guard faults.armed[rule].isWaiting else { return }
    begin(rule, isAmidTraffic: false)
    compileFaults()
  }

  /// The faults that have signalled since the last call, in order.
  public mutating func takeSignals() -> [Int] {
    defer { faults.signals.removeAll(keepingCapacity: true) }
    return faults.signals
  }

  /// Whether `takeSignals` has something to give.
  public var hasSignals: Bool { !faults.signals.isEmpty }

  /// Ends all faults: conditions are lifted, what is held back is delivered, and nothing is struck any more.
  public mutating func disarm() {
    for rule in faults.armed.indices where !faults.armed[rule].isOver { turn(rule, isOver: true) }
    for direction in faults.directions.indices {
      while faults.directions[direction].line.isHolding { releaseHeld(direction) }
    }
  }
}

// Between cases.
extension Fabric {
  /// Ends all faults and forgets them with what they have done: those armed next are numbered from zero.
  ///
  /// - Returns: false where what a fault has done still travels; nothing is forgotten then.
  public mutating func forgetFaults() -> Bool {
    disarm()
    guard faults.directions.allSatisfy(\.drawn.isEmpty) else { return false }
    faults.armed = []
    faults.strikes = []
    faults.signals = []
    faults.era &+= 1
    compileFaults()
    return true
  }
}

// When faults begin and end.
extension Fabric {
  /// What a fault waited for has happened; amid traffic a condition begins as the next thing that happens.
  mutating func begin(_ rule: Int, isAmidTraffic: Bool) {
    if isAmidTraffic, !faults.armed[rule].fault.watchesTraffic {
      return expect(rule, isOver: false, after: .zero)
    }
    faults.armed[rule].begin()
    faults.isStale = true
    if let length = faults.armed[rule].fault.duration { expect(rule, isOver: true, after: length) }
    if !faults.armed[rule].fault.watchesTraffic { beginCondition(rule) }
  }

  /// The instant that a fault has waited for, of its beginning or of its end.
  mutating func turn(_ rule: Int, isOver: Bool) {
    if !isOver {
      if faults.armed[rule].isWaiting { begin(rule, isAmidTraffic: false) }
    } else if !faults.armed[rule].isOver {
      let lasted = faults.armed[rule].isLasting
      faults.armed[rule].end()
      if lasted { endCondition(rule) }
    }
    compileFaults()
  }

  private mutating func expect(_ rule: Int, isOver: Bool, after length: VirtualDuration) {
    let rule = Int32(truncatingIfNeeded: rule)
    queue.schedule(.fault(rule: rule, era: faults.era, isOver: isOver), at: now + length)
  }

  /// Brings tables and hooks up to date with what is armed.
  mutating func compileFaults() {
    recallAll()
    faults.compile()
    // A link that a fault has let go of has time to get on.
    renewPatience()
    for direction in faults.directions.indices {
      directions[direction].hooks.set(.egress, to: !faults.directions[direction].table.isEmpty)
    }
    showFrameHooks()
  }

  /// Lets frames be looked at where faults or a disturbance wait for them.
  mutating func showFrameHooks() {
    for direction in directions.indices {
      let isWatched =
        direction < faults.directions.count && !faults.directions[direction].frames.isEmpty
      directions[direction].hooks.set(.frames, to: isWatched || faults.disturbance != nil)
    }
  }
}
