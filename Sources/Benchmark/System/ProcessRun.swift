import CSystem
import Figures
import Glibc

/// One run of a program, from its start to its end.
struct ProcessRun {
  let seconds: Double
  /// What the program and its children took of processors, as user and in the kernel.
  let processorSeconds: Double
  /// The resident peaks of the program and of its children, summed; shared pages count for each process.
  let peakBytes: Double

  /// Runs a program without input.
  ///
  /// - Parameters:
  ///   - output: the file that takes what the program prints; nil for nowhere.
  /// - Throws: when it cannot be started, and when it does not end with success.
  static func perform(
    _ path: String, _ arguments: [String], output: String? = nil, watchesMemory: Bool = false
  ) throws(SystemError) -> ProcessRun {
    let (begun, used) = (csys_monotonic(), processorSeconds())
    let process = try start(path, arguments, output)
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
    return ProcessRun(
      seconds: seconds, processorSeconds: processorSeconds() - used, peakBytes: census.bytes)
  }

  /// The path of a program from the root on.
  static func wholePath(_ path: String) throws(SystemError) -> String {
    guard let whole = unsafe realpath(path, nil) else { throw SystemError("find \(path)", number: errno) }
    defer { unsafe free(whole) }
    return unsafe String(cString: whole)
  }

  /// What all children that have ended took of processors.
  private static func processorSeconds() -> Double {
    var usage = rusage()
    guard unsafe getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage) == 0 else { return 0 }
    return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
  }

  /// What runs of programs are compared with: the median of some starts of one that does nothing.
  static func yardstick() throws(SystemError) -> Double {
    var values: [Double] = []
    for _ in 0..<9 { values.append(try perform("/bin/true", []).seconds) }
    return Quartiles(of: values)?.median ?? 0
  }

  private static func start(
    _ path: String, _ arguments: [String], _ output: String?
  ) throws(SystemError) -> (pid: pid_t, handle: CInt) {
    let nothing = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(nothing) }
    let printed = unsafe open(output ?? "/dev/null", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    if printed < 0 { throw SystemError("write \(output ?? "/dev/null")", number: errno) }
    defer { close(printed) }
    let map = [(0, nothing), (1, printed), (2, STDERR_FILENO)].map { csys_fdmap(from: $1, to: $0) }
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
