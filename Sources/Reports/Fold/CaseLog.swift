import RunEvents

/// What is known of a try of a case so far.
struct CaseLog: Sendable {
  /// The most entries of the timeline that are kept; a worker tells far fewer.
  static let timelineMax = 4096

  /// Something that has its place on the clock of the case.
  struct Entry: Sendable {
    enum Content: Sendable {
      case tlp(TLPRecord)
      case finding(Finding)
      case note(Note)
    }

    var time: UInt64
    var content: Content
  }

  let started: CaseStarted
  let attempt: Int
  private(set) var step: StepStarted?
  private(set) var seed: SeedStarted?
  private(set) var timeline: [Entry] = []
  private(set) var consoles: [String: ConsoleTail] = [:]
  private(set) var leaks: [Leak] = []
  private(set) var loss: WorkerLost?
  /// The faults that struck in the run that is told.
  private(set) var faults = FaultLines()
  private(set) var captures: [CaptureFile] = []
  /// The tests that programs of the case told of.
  private(set) var tests: [TestRecord] = []

  init(_ started: CaseStarted, attempt: Int) {
    self.started = started
    self.attempt = attempt
  }

  mutating func add(_ event: Event) {
    switch event.kind {
    case .seedStarted(let next):
      self = CaseLog(started, attempt: attempt)
      seed = next
    case .stepStarted(let next): step = next
    case .tlp(let record): enter(.tlp(record), at: event.time)
    case .finding(let finding): enter(.finding(finding), at: event.time)
    case .note(let note): enter(.note(note), at: event.time)
    case .consoleLine(let line):
      consoles[line.node, default: ConsoleTail()].add(line, at: event.time)
    case .leak(let leak): leaks.append(leak)
    case .fault(let fault): faults.add(fault, at: event.time)
    case .capture(let file): captures.append(file)
    case .test(let test): tests.append(test)
    case .workerLost(let lost): loss = lost
    default: break
    }
  }

  private mutating func enter(_ content: Entry.Content, at time: UInt64) {
    timeline.append(Entry(time: time, content: content))
    if timeline.count >= 2 * Self.timelineMax { timeline.removeFirst(Self.timelineMax) }
  }

  /// The timeline on one clock; what happened at one time keeps the order it was told in.
  var sortedTimeline: [Entry] {
    let order = timeline.indices.sorted { (timeline[$0].time, $0) < (timeline[$1].time, $1) }
    return order.map { timeline[$0] }
  }
}
