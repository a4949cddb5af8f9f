import CSystem
import Glibc

/// A child process, its process group, and the duty to end and reap both.
public struct ChildProcess: ~Copyable {
  /// A descriptor of ours and the number it shall have in the child.
  public struct Inheritance {
    var from: CInt
    var to: CInt

    /// Makes a pair.
    public init(from: CInt, to: CInt) {
      self.from = from
      self.to = to
    }
  }

  let pid: pid_t
  /// Can be read when the process has ended.
  private let handle: Descriptor
  private var end: ProcessEnd?

  /// Starts a program in a session of its own with exactly these descriptors.
  ///
  /// The child is killed when the thread that calls this ends, so call it from the main thread.
  /// - Parameters:
  ///   - environment: the variables; nil for those of this process.
  ///   - hasTerminal: whether the standard input is a terminal that is to control the session.
  public init(
    _ path: String, arguments: [String], environment: [String]? = nil, descriptors: [Inheritance],
    hasTerminal: Bool = false
  ) throws(SystemError) {
    let map = descriptors.map { csys_fdmap(from: $0.from, to: $0.to) }
    let strings = CStrings([path] + arguments)
    let variables = CStrings(environment ?? Environment.own(adding: []))
    var pid: pid_t = 0
    var handle: CInt = -1
    let result = unsafe map.withUnsafeBufferPointer { map in
      unsafe path.withCString { path in
        var request = unsafe csys_spawn_args()
        unsafe request.path = path
        unsafe request.argv = strings.list
        unsafe request.envp = variables.list
        unsafe request.fds = map.baseAddress
        unsafe request.nfds = CInt(map.count)
        unsafe request.pdeathsig = SIGKILL
        unsafe request.terminal = hasTerminal ? 1 : 0
        return unsafe csys_spawn(&request, &pid, &handle)
      }
    }
    if result < 0 { throw SystemError("start \(path)", result: result) }
    self.pid = pid
    self.handle = Descriptor(owning: handle)
  }

  /// The id of the process.
  public var id: Int { Int(pid) }

  /// The descriptor that can be read when the process has ended.
  public var number: CInt { handle.number }

  /// How the process has ended, while it stays to be reaped; nil while it runs.
  func peek() -> ProcessEnd? {
    let code = csys_peek(pid)
    return code >= 0 ? ProcessEnd(code: code) : nil
  }

  /// Waits for the end of the process, and kills what is left of its group.
  public mutating func reap() -> ProcessEnd {
    if let end { return end }
    // Safe from reuse: the process, dead or alive, still owns the number of its group until it is reaped.
    kill(-pid, SIGKILL)
    let end = ProcessEnd(code: csys_reap(pid, 1, nil))
    self.end = end
    return end
  }

  /// Kills the process and its group without warning, and reaps it.
  public mutating func terminate() {
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
