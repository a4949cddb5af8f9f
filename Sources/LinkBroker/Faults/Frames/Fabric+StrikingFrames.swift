import PCIe
import Simulation

// Where a data link layer sends: faults below Ack and Nak see every frame, replays too.
extension Fabric {
  /// Lets the faults of a direction see a frame that is about to be sent.
  ///
  /// All of them look at the frame as its sender made it.
  @inline(never)
  mutating func strikeFrame(_ frame: inout LinkFrame, _ direction: Int) {
    if let word = frame.dllp {
      strikeDLLP(word, &frame, direction)
    } else {
      strikeTLP(&frame, direction, faults.directions[direction].frames.tlps)
    }
    if faults.isStale { compileFaults() }
  }

  /// Lets the faults of a direction have its receiver refuse a TLP that it would accept: one that comes
  /// behind another that was refused gets no Nak of its own, and is no match.
  @inline(never)
  mutating func isRefused(_ frame: LinkFrame, _ direction: Int) -> Bool {
    guard direction < faults.directions.count else { return false }
    var struck = frame
    strikeTLP(&struck, direction, faults.directions[direction].frames.refusals)
    if struck.isRefused, capture.isOn {
      capture.mark(frame.tlp, link: direction >> 1, fault: Int(struck.fault))
    }
    if faults.isStale { compileFaults() }
    return struck.isRefused
  }

  private mutating func strikeTLP(_ frame: inout LinkFrame, _ direction: Int, _ table: FaultTable) {
    let original = frame
    var table = table
    let range = table.range(original.tlp)
    var rest = range
    var choices: ContiguousArray<FaultChoice> = []
    while let place = table.first(rest, original.tlp) {
      if let choice = choose(Int(table[place].rule), original) { choices.append(choice) }
      rest = place + 1..<range.upperBound
    }
    strike(&choices, original, &frame, direction)
  }

  private mutating func strikeDLLP(_ word: UInt32, _ frame: inout LinkFrame, _ direction: Int) {
    guard let kind = LinkFault.DLLPKinds(word: word) else { return }
    let original = frame
    var choices: ContiguousArray<FaultChoice> = []
    for place in faults.directions[direction].frames.dllps.indices {
      let entry = faults.directions[direction].frames.dllps[place]
      if entry.kinds.contains(kind), let choice = choose(entry.rule, original) { choices.append(choice) }
    }
    strike(&choices, original, &frame, direction)
  }

  private mutating func choose(_ rule: Int, _ frame: LinkFrame) -> FaultChoice? {
    guard faults.armed[rule].isWatching, canStrike(rule, frame) else { return nil }
    return faults.choose(rule)
  }

  private mutating func strike(
    _ choices: inout ContiguousArray<FaultChoice>, _ original: LinkFrame, _ frame: inout LinkFrame,
    _ direction: Int
  ) {
    faults.settle(&choices)
    for choice in choices { strike(choice, original, &frame, direction) }
  }

  private mutating func strike(
    _ choice: FaultChoice, _ original: LinkFrame, _ frame: inout LinkFrame, _ direction: Int
  ) {
    let rule = choice.rule
    var generator = choice.generator
    var value: UInt64 = 0
    switch faults.armed[rule].fault.action {
    case .drop: frame.isLost = true
    case .duplicate: frame.isDoubled = true
    case .nak: frame.isRefused = true
    case .delay(let range):
      value = generator.picoseconds(in: range)
      frame.delay = frame.delay + VirtualDuration(picoseconds: value)
    case .corrupt(let field, let given): value = corrupt(field, given, &frame, direction, &generator)
    case .hold, .poison, .respond, .completeUnasked, .starve, .linkDown, .kill, .hang, .signal:
      preconditionFailure("\(faults.armed[rule].fault.action) strikes no frame")
    }
    if frame.fault < 0 { frame.fault = Int16(truncatingIfNeeded: rule) }
    log(
      DrawnMark(rule: rule, match: choice.match, value: value),
      original.dllp == nil ? original.tlp.header : nil, direction,
      dllp: original.dllp.flatMap { LinkFault.DLLPKinds(word: $0) })
  }

  /// Whether the action of a fault is possible with a frame; where it is not, the frame is no match.
  private func canStrike(_ rule: Int, _ frame: LinkFrame) -> Bool {
    guard case .corrupt(let field, let value) = faults.armed[rule].fault.action else { return true }
    return frame.dllp.map { canCorrupt(field, value, $0) } ?? canCorrupt(field, value, frame)
  }
}

extension SeededGenerator {
  /// Draws a length of time from a range, both ends included.
  mutating func picoseconds(in range: ClosedRange<VirtualDuration>) -> UInt64 {
    let span = range.upperBound.picoseconds - range.lowerBound.picoseconds
    return range.lowerBound.picoseconds + (span == .max ? next() : below(span + 1))
  }
}
