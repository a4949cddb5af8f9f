import Glibc
import Nodes
import RunEvents

/// Writes the events of a worker's cases into its pipe.
///
/// A step is written before it is performed and together with the end of the step before it: one call of
/// about a microsecond for each step. What a pipe holds outlives the process, so a trap or a SIGKILL
/// loses nothing of what led to it, and the supervisor need not wake up before the case is over or has
/// become slow.
struct EventOutlet: ~Copyable {
  private static let bytesMax = 16384

  private let pipe: Descriptor
  private let control: CInt
  private var lines = JSONWriter()

  init(pipe: consuming Descriptor, control: CInt) throws(SystemError) {
    try pipe.makeNonblocking()
    self.pipe = pipe
    self.control = control
  }

  mutating func emit(_ event: Event) throws(SystemError) {
    event.write(to: &lines)
    switch event.kind {
    case .stepStarted, .seedStarted: try flush()
    default: if lines.bytes.count >= Self.bytesMax { try flush() }
    }
  }

  /// Writes what has gathered; waits for the supervisor when the pipe is full.
  mutating func flush() throws(SystemError) {
    var rest = lines.bytes[...]
    var hasTold = false
    while !rest.isEmpty {
      rest = rest.dropFirst(try pipe.write(rest))
      if rest.isEmpty { break }
      if !hasTold { try signal(.full) }
      hasTold = true
      PollRequest.waitToWrite(pipe.number)
    }
    lines.removeAll()
  }

  /// Says that the case is over.
  mutating func finish() throws(SystemError) {
    try flush()
    try signal(.done)
  }

  private func signal(_ signal: WorkerSignal) throws(SystemError) {
    _ = try Descriptor.write([signal.rawValue], to: control)
  }
}
