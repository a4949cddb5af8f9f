import CSystem
import Glibc

/// One run of a program, from its start to its end.
struct ProcessRun {
  let seconds: Double
  /// The resident peaks of the program and of its children, summed; shared pages count for each process.
  let peakBytes: Double

  /// Runs a program without input and output.
  ///
  /// - Throws: when it cannot be started, and when it does not end with success.
  static func perform(
    _ path: String, _ arguments: [String], watchesMemory: Bool = false
  ) throws(SystemError) -> ProcessRun {
    let begun = csys_monotonic()
    let process = try start(path, arguments)
    defer { close(process.handle) }
    var census = MemoryCensus(pid: process.pid)
    if watchesMemory {
      while !hasEnded(process.handle, withinMilliseconds: 2) { census.look() }
    }
    let status = csys_reap(process.pid, 1, nil)
    let seconds = Double(csys_monotonic() - begun) / 1e9
    guard status == 0 else {
      throw SystemError("\(path) \(arguments.joined(separator: " ")) ended with status \(status)")
    }
    return ProcessRun(seconds: seconds, peakBytes: census.bytes)
  }

  private static func start(
    _ path: String, _ arguments: [String]
  ) throws(SystemError) -> (pid: pid_t, handle: CInt) {
    let nothing = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(nothing) }
    let map = [(0, nothing), (1, nothing), (2, STDERR_FILENO)].map { csys_fdmap(from: $1, to: $0) }
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
    if result < 0 { throw SystemError("start \(path)", number: -result) }
    return (pid, handle)
  }

  private static func hasEnded(_ handle: CInt, withinMilliseconds limit: CInt) -> Bool {
    var request = pollfd(fd: handle, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&request, 1, limit) == 1
  }
}
