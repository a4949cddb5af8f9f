import PCIe

/// The faults armed on a fabric, by direction in the form that TLPs are compared with, and what they did.
struct FaultEngine {
  var armed: ContiguousArray<ArmedFault> = []
  /// By direction; empty until the first fault is armed.
  var directions: ContiguousArray<DirectionFaults> = []
  var strikes: [FaultStrike] = []
  /// Faults whose signal nobody has taken yet.
  var signals: [Int] = []
  /// What touches frames besides the faults.
  var disturbance: (any FrameDisturbance)?
  /// How often faults have been forgotten, so that what was to happen to them comes to nothing.
  var era: UInt16 = 0
  /// Whether the tables no longer show what is armed.
  var isStale = false

  /// Makes the tables of all directions anew.
  mutating func compile() {
    isStale = false
    let none = ContiguousArray<ContiguousArray<FaultTable.Watch>>(repeating: [], count: directions.count)
    var (watches, frames, refused) = (none, none, none)
    for (rule, state) in armed.enumerated() {
      if case .count(_, let match, let places) = state.fault.start, state.isWaiting {
        for place in places {
          watches[place.index].append(.init(match: match, rule: rule, isStart: true))
        }
      }
      guard state.isWatching else { continue }
      let match = state.fault.match ?? LinkFault.Match()
      let watch = FaultTable.Watch(match: match, rule: rule, isStart: false)
      for place in state.fault.directions {
        switch (state.fault.layer, state.fault.action) {
        case (.transaction, _): watches[place.index].append(watch)
        case (.dataLink, .nak): refused[place.index].append(watch)
        case (.dataLink, _): frames[place.index].append(watch)
        }
      }
    }
    for direction in directions.indices {
      directions[direction].table = watches[direction].isEmpty ? FaultTable() : FaultTable(watches[direction])
      directions[direction].frames = FrameTable(sent: frames[direction], refused: refused[direction])
    }
  }
}

extension FaultEngine {
  /// Takes what the completer of a TLP is to answer; nil where no fault says so.
  mutating func takeResponse(_ sequence: UInt64, _ direction: Int) -> LinkFault.Response? {
    guard let drawn = directions[direction].drawn.take(sequence, .respond) else { return nil }
    switch armed[drawn.rule].fault.action {
    case .respond(.split(let sizes, _)): return .split(sizes, seed: drawn.value)
    case .respond(let response): return response
    default: preconditionFailure("a mark acts as the fault that put it there")
    }
  }
}

/// What faults keep for one direction of a link.
struct DirectionFaults: Sendable {
  /// Above Ack and Nak.
  var table = FaultTable()
  /// Below them.
  var frames = FrameTable()
  var line = HeldLine()
  /// What is to become of the TLPs on the wire.
  var drawn = DrawnMarks()
}
