import PCIe
import Simulation

// Where a transaction layer sends: matches are counted, fields change, fates are decided.
extension Fabric {
  /// Lets the faults of a direction see a TLP that is about to be sent.
  ///
  /// All of them look at the TLP as its sender made it.
  @inline(never)
  mutating func strike(_ tlp: inout FabricTLP, _ direction: Int) {
    let range = faults.directions[direction].table.range(tlp)
    guard var place = faults.directions[direction].table.first(range, tlp) else { return }
    let original = tlp
    var choices: ContiguousArray<FaultChoice> = []
    while true {
      let entry = faults.directions[direction].table[place]
      let rule = Int(entry.rule)
      if entry.isStart {
        if faults.armed[rule].countsStart() { begin(rule, isAmidTraffic: true) }
      } else if faults.armed[rule].isWatching, canStrike(rule, original, direction),
        let choice = faults.choose(rule)
      {
        choices.append(choice)
      }
      guard let next = faults.directions[direction].table.first(place + 1..<range.upperBound, original) else {
        break
      }
      place = next
    }
    faults.settle(&choices)
    for choice in choices { strike(choice, original, &tlp, direction) }
    if faults.isStale { compileFaults() }
  }

  private mutating func strike(
    _ choice: FaultChoice, _ original: FabricTLP, _ tlp: inout FabricTLP, _ direction: Int
  ) {
    var generator = choice.generator
    let rule = choice.rule
    var mark = DrawnMark(sequence: tlp.sequence, rule: rule, match: choice.match)
    switch faults.armed[rule].fault.action {
    case .drop: mark.fate = .drop
    case .duplicate: mark.fate = .duplicate
    case .hold: mark.fate = .hold
    case .delay(let range):
      mark.fate = .delay
      mark.value = generator.picoseconds(in: range)
    case .respond(let response):
      mark.fate = .respond
      if case .split = response { mark.value = generator.next() }
    case .poison: tlp.header.isPoisoned = true
    case .corrupt(let field, let given):
      guard let value = corrupt(field, given, &tlp, direction, &generator) else {
        // Another fault has changed the TLP in such a way that this one has nothing left to do.
        return faults.armed[rule].yield(to: Int(tlp.marks.fault))
      }
      mark.value = value
    case .signal: faults.signals.append(rule)
    case .nak, .completeUnasked, .starve, .linkDown, .kill, .hang:
      preconditionFailure("\(faults.armed[rule].fault.action) strikes no TLP of the transaction layer")
    }
    if !mark.fate.isEmpty {
      tlp.marks.fates.insert(mark.fate)
      faults.directions[direction].drawn.keep(mark)
    }
    if faults.armed[rule].fault.action != .signal { tlp.marks.touch(rule) }
    // A hold has taken effect once something has passed.
    if mark.fate != .hold { log(mark, original.header, direction) }
  }

  /// Whether the action of a fault is possible with a TLP; where it is not, the TLP is no match.
  private func canStrike(_ rule: Int, _ tlp: FabricTLP, _ direction: Int) -> Bool {
    switch faults.armed[rule].fault.action {
    case .poison: tlp.header.hasData && !tlp.header.isPoisoned
    case .respond(.split): tlp.kind == .memoryRead
    case .respond(.status): tlp.kind.map { !$0.isCompletion && !$0.isMessage } ?? false
    case .hold(.sameRequest), .hold(.otherRequest): tlp.header.isCompletionShaped
    case .corrupt(let field, let value): canCorrupt(field, value, tlp, direction)
    default: true
    }
  }

  /// Counts a strike and keeps it with what it did.
  mutating func log(
    _ mark: DrawnMark, _ header: TLPHeader?, _ direction: Int?, dllp: LinkFault.DLLPKinds? = nil
  ) {
    faults.armed[mark.rule].countStrike()
    if capture.isOn, !faults.armed[mark.rule].fault.action.touchesTLPs {
      capture.note(fault: mark.rule, at: now)
    }
    faults.strikes.append(
      FaultStrike(
        time: now, rule: mark.rule, link: direction.map { $0 >> 1 } ?? -1,
        isDownstream: direction.map { $0 & 1 == 0 } ?? false, header: header, dllp: dllp, match: mark.match,
        value: mark.value))
  }
}
