import CSystem
import Glibc

/// A child process, its process group, and the duty to end and reap both.
struct ChildProcess: ~Copyable {
  /// How a process ended.
  enum End: Hashable, Sendable {
    case exited(CInt)
    case killed(CInt)

    init(code: CInt) { self = code >= 256 ? .killed(code - 256) : .exited(code) }
  }

  /// A descriptor of ours and the number it shall have in the child.
  struct Inheritance {
    var from: CInt
    var to: CInt
  }

  let pid: pid_t
  /// Can be read when the process has ended.
  private let handle: Descriptor
  private var end: End?

  /// Starts a program in a session of its own with exactly these descriptors.
  ///
  /// The child is killed when the thread that calls this ends, so call it from the main thread.
  init(_ path: String, arguments: [String], descriptors: [Inheritance]) throws(SystemError) {
    let map = descriptors.map { csys_fdmap(from: $0.from, to: $0.to) }
    var strings = unsafe ([path] + arguments).map { unsafe strdup($0) }
    unsafe strings.append(nil)
    defer { for index in unsafe strings.indices { unsafe free(strings[index]) } }
    var pid: pid_t = 0
    var handle: CInt = -1
    let result = unsafe map.withUnsafeBufferPointer { map in
      unsafe strings.withUnsafeBufferPointer { strings in
        unsafe path.withCString { path in
          var request = unsafe csys_spawn_args()
          unsafe request.path = path
          unsafe request.argv = strings.baseAddress
          unsafe request.fds = map.baseAddress
          unsafe request.nfds = CInt(map.count)
          unsafe request.pdeathsig = SIGKILL
          return unsafe csys_spawn(&request, &pid, &handle)
        }
      }
    }
    if result < 0 { throw SystemError("start \(path)", result: result) }
    self.pid = pid
    self.handle = Descriptor(owning: handle)
  }

  /// The descriptor that can be read when the process has ended.
  var number: CInt { handle.number }

  /// Waits for the end of the process, and kills what is left of its group.
  mutating func reap() -> End {
    if let end { return end }
    // Safe from reuse: the process, dead or alive, still owns the number of its group until it is reaped.
    kill(-pid, SIGKILL)
    let end = End(code: csys_reap(pid, 1, nil))
    self.end = end
    return end
  }

  /// Kills the process and its group without warning, and reaps it.
  mutating func terminate() {
    if end != nil { return }
    kill(pid, SIGKILL)
    _ = reap()
  }

  deinit {
    if end != nil { return }
    kill(-pid, SIGKILL)
    _ = csys_reap(pid, 1, nil)
  }
}

extension ChildProcess.End: CustomStringConvertible {
  var description: String {
    switch self {
    case .exited(let status): "exited with status \(status)"
    case .killed(let signal): "killed by \(SignalQueue.name(signal))"
    }
  }

  /// The end as it goes into a sentence.
  var ending: String {
    switch self {
    case .exited: description
    case .killed: "was " + description
    }
  }
}
