import Simulation

/// A random scenario in progress: its lines, what memory holds, and what has been done so far.
struct Scenario {
  let ground: ExplorationGround
  let rules: ScenarioRules
  var generator: SeededGenerator
  private(set) var lines: [String] = []
  private var shadows: [ExplorationGround.Region: MemoryShadow] = [:]
  /// Interrupts that have been raised, by node and vector.
  private(set) var raised: [(node: String, vector: Int)] = []
  private var indent = 6

  init(_ ground: ExplorationGround, _ rules: ScenarioRules, seed: UInt64) {
    self.ground = ground
    self.rules = rules
    generator = SeededGenerator(seed: seed)
  }

  /// Adds so many random steps.
  mutating func add(_ count: Int) { for _ in 0..<count { addOne() } }

  private mutating func addOne() {
    switch draw(20) {
    case 0...5: write()
    case 6...8: read()
    case 9, 10: writeHost()
    case 11, 12: readHost()
    case 13, 14: fetch()
    case 15: interrupt()
    case 16: readConfiguration()
    case 17, 18: loop()
    default: side()
    }
  }

  mutating func draw(_ bound: Int) -> Int { Int(truncatingIfNeeded: generator.below(UInt64(max(1, bound)))) }

  mutating func pick<Element>(_ list: [Element]) -> Element? {
    list.isEmpty ? nil : list[draw(list.count)]
  }

  mutating func line(_ text: String) { lines.append(String(repeating: " ", count: indent) + text) }
}

// Memory of functions.
extension Scenario {
  private mutating func write() {
    guard let region = pick(ground.regions), let bar = region.bar else { return }
    let run = newRun(in: region)
    line(
      "- mem_write: {by: \(ground.root), to: \(region.node).\(bar), offset: \(ScenarioText.hex(run.offset)), "
        + "data: \(ScenarioText.data(run.length, from: run.first))}")
    shadows[region, default: MemoryShadow()].write(run)
  }

  private mutating func read() {
    guard let region = pick(ground.regions) else { return }
    read(region)
  }

  private mutating func read(_ region: ExplorationGround.Region) {
    guard let bar = region.bar, let run = knownRun(in: region) else { return write() }
    line(
      "- mem_read: {by: \(ground.root), from: \(region.node).\(bar), "
        + "offset: \(ScenarioText.hex(run.offset)), length: \(run.length)B, "
        + "\(rules.expectation(run.length, from: run.first))}")
  }

  /// Writes and reads the same a few times.
  private mutating func loop() {
    line("- repeat:")
    indent += 4
    line("times: \(2 + draw(7))")
    line("steps:")
    indent += 2
    if let region = pick(ground.regions) {
      let count = 1 + draw(2)
      for _ in 0..<count { readBack(region, newRun(in: region)) }
    } else {
      readConfiguration()
    }
    indent -= 6
  }

  private mutating func readBack(_ region: ExplorationGround.Region, _ run: MemoryShadow.Run) {
    guard let bar = region.bar else { return }
    let place = "\(region.node).\(bar), offset: \(ScenarioText.hex(run.offset))"
    line(
      "- mem_write: {by: \(ground.root), to: \(place), "
        + "data: \(ScenarioText.data(run.length, from: run.first))}"
    )
    line(
      "- mem_read: {by: \(ground.root), from: \(place), length: \(run.length)B, "
        + "\(rules.expectation(run.length, from: run.first))}")
    shadows[region, default: MemoryShadow()].write(run)
  }

  /// Branches that work side by side, each in a part of a region that the others leave alone.
  private mutating func side() {
    guard !ground.regions.isEmpty else { return readConfiguration() }
    let count = 2 + draw(3)
    line("- parallel:")
    indent += 4
    line("branches:")
    indent += 2
    for branch in 0..<count {
      line("-")
      indent += 2
      if let region = pick(ground.regions) {
        let part = region.length / UInt64(count)
        readBack(region, newRun(in: region, from: UInt64(branch) * part, part))
      }
      indent -= 2
    }
    indent -= 6
  }

  /// Two reads that are under way together, each with one completion.
  mutating func readPair(_ region: ExplorationGround.Region) {
    guard let bar = region.bar else { return }
    line("- parallel:")
    indent += 4
    line("branches:")
    indent += 2
    for branch in 0..<2 {
      line("-")
      indent += 2
      line(
        "- mem_read: {by: \(ground.root), from: \(region.node).\(bar), "
          + "offset: \(ScenarioText.hex(region.start + UInt64(branch * 4))), length: 4B, "
          + "\(rules.expectation)}"
      )
      indent -= 2
    }
    indent -= 6
  }

  private mutating func knownRun(in region: ExplorationGround.Region) -> MemoryShadow.Run? {
    guard let run = pick(shadows[region]?.runs ?? []) else { return nil }
    if draw(2) == 0 { return run }
    let start = generator.below(run.length)
    return run.part(start, 1 + generator.below(run.length - start))
  }

  private mutating func newRun(in region: ExplorationGround.Region) -> MemoryShadow.Run {
    newRun(in: region, from: 0, region.length)
  }

  /// A run within a part of a region: mostly short, seldom aligned.
  private mutating func newRun(
    in region: ExplorationGround.Region, from start: UInt64, _ part: UInt64
  ) -> MemoryShadow.Run {
    let limits: [UInt64] = [16, 256, 256, 4096, 4096, 16384]
    let length = 1 + generator.below(min(part, limits[draw(limits.count)]))
    var offset = generator.below(part - length + 1)
    if draw(3) == 0 { offset = offset / 64 * 64 }
    return MemoryShadow.Run(
      offset: region.start + start + offset, length: length, first: UInt8(truncatingIfNeeded: draw(256)))
  }
}

// Host memory, interrupts, configuration space.
extension Scenario {
  private mutating func writeHost() {
    guard rules.harm < .function, let requester = pick(ground.requesters), let region = requester.written
    else { return write() }
    let run = newRun(in: region)
    line(
      "- dma_write: {by: \(requester.node), address: \(ScenarioText.hex(run.offset)), "
        + "data: \(ScenarioText.data(run.length, from: run.first))}")
    shadows[region, default: MemoryShadow()].write(run)
    if draw(3) == 0 { announce(requester, run) }
  }

  /// The interrupt that says that data is there, and the look of software at it.
  private mutating func announce(_ requester: ExplorationGround.Requester, _ run: MemoryShadow.Run) {
    guard raise(requester), rules.harm < .data else { return }
    line(
      "- mem_read: {by: \(ground.root), address: \(ScenarioText.hex(run.offset)), length: \(run.length)B, "
        + "\(rules.expectation(run.length, from: run.first))}")
  }

  private mutating func readHost() {
    guard rules.harm < .function, let requester = pick(ground.requesters), let region = requester.written,
      let run = knownRun(in: region)
    else { return writeHost() }
    line(dmaRead(requester.node, run))
  }

  /// Software prepares what an endpoint reads.
  private mutating func fetch() {
    guard rules.harm < .function, let requester = pick(ground.requesters), let region = requester.read else {
      return write()
    }
    let run = newRun(in: region)
    line(
      "- mem_write: {by: \(ground.root), address: \(ScenarioText.hex(run.offset)), "
        + "data: \(ScenarioText.data(run.length, from: run.first))}")
    line(dmaRead(requester.node, run))
  }

  private func dmaRead(_ node: String, _ run: MemoryShadow.Run) -> String {
    "- dma_read: {by: \(node), address: \(ScenarioText.hex(run.offset)), length: \(run.length)B, "
      + "\(rules.expectation(run.length, from: run.first))}"
  }

  private mutating func interrupt() {
    guard let requester = pick(ground.requesters.filter { $0.vectors > 0 }) else { return read() }
    _ = raise(requester)
  }

  private mutating func raise(_ requester: ExplorationGround.Requester) -> Bool {
    guard requester.vectors > 0, !rules.losesInterrupts, rules.harm < .function else { return false }
    let vector = draw(requester.vectors)
    line("- msix: {by: \(requester.node), vector: \(vector)}")
    line("- wait: {msix: \(vector), at: \(ground.root), from: \(requester.node)}")
    raised.append((requester.node, vector))
    return true
  }

  private mutating func readConfiguration() {
    guard let node = pick(ground.endpoints) else { return }
    line(
      "- cfg_read: {by: \(ground.root), to: \(node), offset: \(ScenarioText.hex(UInt64(draw(16) * 4))), "
        + "size: 4, \(rules.expectation)}")
  }
}
