import Simulation
import SuiteLanguage

/// A random scenario in progress: its steps, what memory holds, and what has been done so far.
struct Scenario {
  let ground: ExplorationGround
  let rules: ScenarioRules
  var generator: SeededGenerator
  private(set) var steps: [Step] = []
  private var shadows: [ExplorationGround.Region: MemoryShadow] = [:]
  /// Interrupts that have been raised, by node and vector.
  private(set) var raised: [(node: String, vector: Int)] = []

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

  private mutating func add(_ action: Step.Action) { steps.append(Step(action)) }
}

// Memory of functions.
extension Scenario {
  private mutating func write() {
    guard let region = pick(ground.regions) else { return }
    write(newRun(in: region), to: region)
  }

  private mutating func write(_ run: MemoryShadow.Run, to region: ExplorationGround.Region) {
    add(.memoryWrite(.init(requester: ground.root, target: region.target(run.offset), data: run.data)))
    shadows[region, default: MemoryShadow()].write(run)
  }

  private mutating func read() {
    guard let region = pick(ground.regions) else { return }
    guard let run = knownRun(in: region) else { return write() }
    add(readBack(region, run))
  }

  private func readBack(_ region: ExplorationGround.Region, _ run: MemoryShadow.Run) -> Step.Action {
    .memoryRead(
      .init(
        requester: ground.root, target: region.target(run.offset), length: run.length,
        expectation: rules.expectation(run)))
  }

  /// Writes and reads the same a few times.
  private mutating func loop() {
    let times = 2 + draw(7)
    guard let region = pick(ground.regions) else {
      return add(.repeat(times: times, steps: readOfConfiguration().map { [Step($0)] } ?? []))
    }
    let count = 1 + draw(2)
    var steps: [Step] = []
    for _ in 0..<count { steps += writeAndRead(region, newRun(in: region)) }
    add(.repeat(times: times, steps: steps))
  }

  private mutating func writeAndRead(
    _ region: ExplorationGround.Region, _ run: MemoryShadow.Run
  ) -> [Step] {
    shadows[region, default: MemoryShadow()].write(run)
    let write = Step.MemoryWrite(
      requester: ground.root, target: region.target(run.offset), data: run.data)
    return [Step(.memoryWrite(write)), Step(readBack(region, run))]
  }

  /// Branches that work side by side, each in a part of a region that the others leave alone.
  private mutating func side() {
    guard !ground.regions.isEmpty else { return readConfiguration() }
    let count = 2 + draw(3)
    var branches: [[Step]] = []
    for branch in 0..<count {
      guard let region = pick(ground.regions) else { continue }
      let part = region.length / UInt64(count)
      branches.append(writeAndRead(region, newRun(in: region, from: UInt64(branch) * part, part)))
    }
    add(.parallel(branches: branches))
  }

  /// Two reads that are under way together, each with one completion.
  mutating func readPair(_ region: ExplorationGround.Region) {
    let branches = (0..<2).map { branch in
      let target = region.target(region.start + UInt64(branch * 4))
      return [
        Step(
          .memoryRead(
            .init(requester: ground.root, target: target, length: 4, expectation: rules.expectation)))
      ]
    }
    add(.parallel(branches: branches))
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
    add(.dmaWrite(.init(requester: requester.node, address: run.offset, data: run.data)))
    shadows[region, default: MemoryShadow()].write(run)
    if draw(3) == 0 { announce(requester, region, run) }
  }

  /// The interrupt that says that data is there, and the look of software at it.
  private mutating func announce(
    _ requester: ExplorationGround.Requester, _ region: ExplorationGround.Region, _ run: MemoryShadow.Run
  ) {
    guard raise(requester), rules.harm < .data else { return }
    add(readBack(region, run))
  }

  private mutating func readHost() {
    guard rules.harm < .function, let requester = pick(ground.requesters), let region = requester.written,
      let run = knownRun(in: region)
    else { return writeHost() }
    readDMA(requester, run)
  }

  /// Software prepares what an endpoint reads.
  private mutating func fetch() {
    guard rules.harm < .function, let requester = pick(ground.requesters), let region = requester.read else {
      return write()
    }
    let run = newRun(in: region)
    add(.memoryWrite(.init(requester: ground.root, target: region.target(run.offset), data: run.data)))
    readDMA(requester, run)
  }

  private mutating func readDMA(_ requester: ExplorationGround.Requester, _ run: MemoryShadow.Run) {
    add(
      .dmaRead(
        .init(
          requester: requester.node, address: run.offset, length: run.length,
          expectation: rules.expectation(run))))
  }

  private mutating func interrupt() {
    guard let requester = pick(ground.requesters.filter { $0.vectors > 0 }) else { return read() }
    _ = raise(requester)
  }

  private mutating func raise(_ requester: ExplorationGround.Requester) -> Bool {
    guard requester.vectors > 0, rules.harm < .function else { return false }
    let vector = draw(requester.vectors)
    add(.msix(.init(node: requester.node, vector: vector)))
    raised.append((requester.node, vector))
    guard !rules.losesInterrupts else { return false }
    add(.wait(.interrupt(.msix(vector: vector), at: ground.root, from: .node(requester.node))))
    return true
  }

  private mutating func readConfiguration() {
    if let read = readOfConfiguration() { add(read) }
  }

  private mutating func readOfConfiguration() -> Step.Action? {
    guard let node = pick(ground.endpoints) else { return nil }
    return .configurationRead(
      .init(
        requester: ground.root, function: .node(node), offset: draw(16) * 4, size: 4,
        expectation: rules.expectation))
  }
}
