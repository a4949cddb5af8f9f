import Glibc
import Nodes
import RunEvents
import SuiteLanguage

/// A worker: performs the cases that the supervisor names, one after the other, until the supervisor is
/// gone.
struct WorkerProcess: ~Copyable {
  private let control: Descriptor
  private var outlet: EventOutlet
  private var commands = WorkerCommandReader()
  private var suites: [Int: SuiteLoader.Result] = [:]
  private var places = NodePlaces()
  private let drill: Drill?
  private let captures: CaptureRequest?

  /// Takes over the descriptors that the supervisor leaves to a worker.
  init(drill: Drill?, captures: CaptureRequest?) throws(SystemError) {
    control = Descriptor(owning: WorkerDescriptors.control)
    outlet = try EventOutlet(
      pipe: Descriptor(owning: WorkerDescriptors.events), control: WorkerDescriptors.control)
    self.drill = drill
    self.captures = captures
  }

  /// Serves until the supervisor closes the socket.
  mutating func serve<Performer: CasePerformer>(by performer: inout Performer) throws(SystemError) {
    while true {
      while let command = try commands.next() {
        do throws(SystemError) {
          try obey(command, by: &performer)
        } catch {
          // A supervisor that went away needs no answer.
          if error.isClosedPipe { return }
          throw error
        }
      }
      guard case .bytes(let bytes) = try control.read() else { return }
      commands.append(bytes)
    }
  }

  private mutating func obey<Performer: CasePerformer>(
    _ command: WorkerCommand, by performer: inout Performer
  )
    throws(SystemError)
  {
    switch command {
    case .suite(let index, let path, let text): suites[index] = SuiteLoader.load(path: path, bytes: text)
    case .board(let path, let text):
      guard let board = BoardLoader.load(path: path, bytes: text).board else { return }
      places.boards[board.name] = LoadedBoard(path: path, text: text, board: board)
    case .place(.tool, let name, let path): places.tools[name] = path
    case .place(.image, let name, let path): places.images[name] = path
    case .place(.accelerator, let name, _): places.accelerated.insert(name)
    case .run(let task): try run(task, by: &performer)
    }
  }

  private mutating func run<Performer: CasePerformer>(_ task: WorkerTask, by performer: inout Performer)
    throws(SystemError)
  {
    guard let plan = suites[task.suite]?.plan, plan.instances.indices.contains(task.instance) else {
      let message = "the worker has no case \(task.instance) of suite \(task.suite)"
      try outlet.emit(
        Event(.caseEnded(CaseOutcome(.error(.harness), message: message)), of: task.key))
      return try outlet.finish()
    }
    let begun = MonotonicInstant.now
    var work = CaseTask(
      plan: plan, instance: plan.instances[task.instance], seed: task.seed, attempt: task.key.attempt,
      timeoutScale: task.timeoutScale)
    work.places = places
    work.keepsRoot = task.keepsRoot
    work.capture = captures.map { CaseCapture(request: $0, number: task.key.instance) }
    let strike = drill.flatMap { $0.strikes(work) ? $0 : nil }
    var problem: SystemError?
    var outcome = CaseRun.performReducing(work, by: &performer) { kind, time in
      do throws(SystemError) {
        try outlet.emit(Event(kind, of: task.key, at: time))
        if case .stepStarted = kind, let strike { strike.strike() }
      } catch { problem = problem ?? error }
    }
    if let problem { throw problem }
    outcome.wallNanoseconds = MonotonicInstant.now.nanoseconds(since: begun)
    try outlet.emit(Event(.caseEnded(outcome), of: task.key, at: outcome.duration))
    try outlet.finish()
  }
}

/// The descriptors that a worker finds open besides the standard ones.
enum WorkerDescriptors {
  static let control: CInt = 3
  static let events: CInt = 4
}
