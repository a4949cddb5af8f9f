import PCIe
import Simulation

// Where a transaction layer sends: matches are counted, fields change, marks are put on.
extension Fabric {
  /// Lets the faults of a direction see a TLP that is about to be sent.
  ///
  /// All of them look at the TLP as its sender made it.
  @inline(never)
  mutating func strike(_ tlp: inout FabricTLP, _ direction: Int) {
    let range = faults.directions[direction].table.range(tlp)
    guard var place = faults.directions[direction].table.first(range, tlp) else { return }
    let original = tlp
    while true {
      let entry = faults.directions[direction].table[place]
      let rule = Int(entry.rule)
      if entry.isStart {
        if faults.armed[rule].countsStart() { begin(rule, isAmidTraffic: true) }
      } else {
        strike(rule, original, &tlp, direction)
      }
      guard let next = faults.directions[direction].table.first(place + 1..<range.upperBound, original) else {
        break
      }
      place = next
    }
    if faults.isStale { compileFaults() }
  }

  private mutating func strike(
    _ rule: Int, _ original: FabricTLP, _ tlp: inout FabricTLP, _ direction: Int
  ) {
    guard faults.armed[rule].isWatching, canStrike(rule, original, direction) else { return }
    let match = faults.armed[rule].matches + 1
    var generator = faults.armed[rule].generator(match: match)
    let isStruck = faults.armed[rule].selects(&generator)
    if faults.armed[rule].isOver { faults.isStale = true }
    guard isStruck else { return }
    let mark = DrawnMark(sequence: tlp.sequence, rule: rule, match: match, value: 0)
    switch faults.armed[rule].fault.action {
    case .drop: put(.drop, mark, on: &tlp, sent: original.header, direction)
    case .duplicate: put(.duplicate, mark, on: &tlp, sent: original.header, direction)
    case .hold: put(.hold, mark, on: &tlp, sent: original.header, direction)
    case .delay(let range):
      put(
        .delay, mark.drawing(generator.picoseconds(in: range)), on: &tlp, sent: original.header, direction)
    case .respond(let response):
      var value: UInt64 = 0
      if case .split = response { value = generator.next() }
      put(.respond, mark.drawing(value), on: &tlp, sent: original.header, direction)
    case .poison:
      tlp.header.isPoisoned = true
      tlp.marks.touch(rule)
      log(mark, original.header, direction)
    case .corrupt(let field, let value):
      corrupt(field, value, mark, original, &tlp, direction, &generator)
    case .signal:
      faults.signals.append(rule)
      log(mark, original.header, direction)
    case .nak, .completeUnasked, .starve, .linkDown, .kill, .hang:
      preconditionFailure("\(faults.armed[rule].fault.action) strikes no TLP of the transaction layer")
    }
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

  /// Puts a mark on a TLP; where it has one already, that one decides what happens.
  private mutating func put(
    _ kind: FaultMarks.Mark, _ mark: DrawnMark, on tlp: inout FabricTLP, sent header: TLPHeader,
    _ direction: Int
  ) {
    // A hold has taken effect once something has passed.
    if kind != .hold { log(mark, header, direction) }
    guard tlp.marks.mark == .none else { return }
    tlp.marks.mark = kind
    faults.directions[direction].keep(mark)
    tlp.marks.touch(mark.rule)
  }

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

extension DrawnMark {
  /// The same with a value.
  func drawing(_ value: UInt64) -> DrawnMark {
    var mark = self
    mark.value = value
    return mark
  }
}
