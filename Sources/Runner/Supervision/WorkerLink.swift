import Glibc
import Nodes
import RunEvents

/// A worker process as the supervisor sees it: its descriptors, what it was told, what it does.
final class WorkerLink {
  /// The bytes of complaints that are kept.
  private static let complaintsMax = 4096
  /// The room asked for events, so that a case rarely has to wait for the supervisor.
  private static let pipeRoom: CInt = 1 << 20

  let slot: Int
  let generation: UInt64
  var running: RunningTry?
  /// The cases that go on with what its last one leaves, by their group; nil where none does.
  var group: Int?
  private var process: ChildProcess
  private let control: Descriptor
  private let pipe: Descriptor
  private let errors: Descriptor
  private var reader = EventReader()
  private var suites: Set<Int> = []
  private var complaints: [UInt8] = []

  /// What can become readable.
  enum Channel: UInt64, CaseIterable { case control, events, errors, end }

  /// Starts a worker of this same program.
  init(slot: Int, generation: UInt64, drill: Drill?, captures: CaptureRequest?) throws(SystemError) {
    self.slot = slot
    self.generation = generation
    let sockets = try Descriptor.socketPair().take()
    control = Descriptor(owning: sockets.first)
    let remoteControl = Descriptor(owning: sockets.second)
    let eventPipe = try Descriptor.pipe().take()
    pipe = Descriptor(owning: eventPipe.first)
    let remoteEvents = Descriptor(owning: eventPipe.second)
    let errorPipe = try Descriptor.pipe().take()
    errors = Descriptor(owning: errorPipe.first)
    let remoteErrors = Descriptor(owning: errorPipe.second)
    let nothing = try Descriptor.open("/dev/null", O_RDONLY | O_CLOEXEC, "read")
    pipe.askForRoom(Self.pipeRoom)
    try pipe.makeNonblocking()
    try errors.makeNonblocking()
    process = try ChildProcess(
      "/proc/self/exe",
      arguments: ["worker"] + (drill.map { ["--drill", $0.text] } ?? []) + (captures?.arguments ?? []),
      descriptors: [
        .init(from: nothing.number, to: 0), .init(from: remoteErrors.number, to: 1),
        .init(from: remoteErrors.number, to: 2),
        .init(from: remoteControl.number, to: WorkerDescriptors.control),
        .init(from: remoteEvents.number, to: WorkerDescriptors.events),
      ])
  }

  func number(of channel: Channel) -> CInt {
    switch channel {
    case .control: control.number
    case .events: pipe.number
    case .errors: errors.number
    case .end: process.number
    }
  }

  /// Tells the worker to perform a try, and the text of its suite when it does not know it yet.
  func start(
    _ task: WorkerTask, places: NodePlaces, suite: () -> WorkerCommand
  ) throws(SystemError) {
    var bytes: [UInt8] = suites.isEmpty ? places.commands.flatMap(\.bytes) : []
    if suites.insert(task.suite).inserted { bytes += suite().bytes }
    bytes += WorkerCommand.run(task).bytes
    _ = try control.write(bytes[...])
  }

  /// The next signals of the worker; empty when the socket is closed.
  func signals() -> [WorkerSignal] {
    guard case .bytes(let bytes)? = try? control.read(upTo: 64) else { return [] }
    return bytes.compactMap(WorkerSignal.init(rawValue:))
  }

  /// Reads the events that are in the pipe, and answers whether more may come.
  ///
  /// A line that is no event is what a process leaves that ends while it writes; it is passed over.
  func drainEvents(into events: inout [Event]) -> Bool {
    while true {
      switch try? pipe.read() {
      case .bytes(let bytes): reader.append(bytes)
      case .nothing: return true
      case .end, nil: return false
      }
      while let event = next() { events.append(event) }
    }
  }

  private func next() -> Event? {
    while true {
      do throws(EventStreamError) { return try reader.next() } catch { continue }
    }
  }

  /// Reads what the worker complains about, and answers whether more may come.
  func drainErrors() -> Bool {
    while true {
      switch try? errors.read() {
      case .bytes(let bytes):
        complaints += bytes
        if complaints.count > Self.complaintsMax {
          complaints.removeFirst(complaints.count - Self.complaintsMax)
        }
      case .nothing: return true
      case .end, nil: return false
      }
    }
  }

  /// The last lines the worker wrote to its standard error.
  var lastWords: [String] {
    String(decoding: complaints, as: UTF8.self).split(whereSeparator: \.isNewline).suffix(5).map(String.init)
  }

  /// The id of its process.
  var pid: Int { process.id }

  /// Waits for a worker that has ended by itself.
  func reap() -> ProcessEnd { process.reap() }

  /// Kills the worker and all it started.
  func terminate() { process.terminate() }
}
