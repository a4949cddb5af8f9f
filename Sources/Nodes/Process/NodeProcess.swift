import Glibc

/// A process that plays a node: its console, how it ended, and the duty to leave nothing of it behind.
///
/// Its owner drives it: it watches the descriptors in an epoll set of the owner's, hands over what became
/// ready, and attends to it when its deadline comes. No call waits.
public final class NodeProcess {
  /// What can become ready.
  public enum Channel: UInt64, CaseIterable, Sendable {
    /// The console has printed.
    case output
    /// The program has printed beside its console.
    case remarks
    /// The process has ended.
    case end
    /// Something that it left behind has ended.
    case survivor
  }

  /// The bits of a token that tell the channel.
  public static let channelBits: UInt64 = 2
  /// The most bytes that are read before the owner gets its turn.
  private static let drainMax = 4 << 20
  /// What the program prints beside its console and has not ended as a line waits until the console ends one.
  private static let heldMax = 64 << 10

  /// What it printed, the consoles of earlier processes of the same node included.
  public var console: Console
  /// How its first process ended; nil while it runs.
  public private(set) var end: ProcessEnd?
  /// Whether it is stopped by `freeze`.
  public private(set) var isFrozen = false
  private let connection: ConsoleConnection
  private let token: UInt64
  private var held: [UInt8] = []
  var process: ChildProcess
  let census: NodeCensus
  var stop: NodeStop?

  /// Starts a program in a session of its own.
  ///
  /// Orphans of the node are found by a process that has called `ProcessTree.prepare`. It must be called by a
  /// thread that lives as long as the node, with which the node is killed.
  /// - Parameter token: what the owner's epoll set tells, shifted by `channelBits`, with the channel below.
  /// - Throws: why the program did not start, with its path.
  public init(
    _ launch: NodeLaunch, on connection: ConsoleConnection, console: Console = Console(), token: UInt64
  ) throws(SystemError) {
    let cookie = "PCIE_HARNESS_NODE=\(getpid()).\(MonotonicInstant.now.nanoseconds).\(token)"
    let (descriptors, isTerminal) = connection.launching
    let variables = launch.environment.map { "\($0.name)=\($0.value)" }
    process = try ChildProcess(
      launch.path, arguments: launch.arguments, environment: Environment.own(adding: variables + [cookie]),
      descriptors: descriptors, hasTerminal: isTerminal)
    connection.handOver()
    census = NodeCensus(node: process.pid, cookie: cookie)
    self.connection = connection
    self.console = console
    self.token = token
  }

  /// The id of its first process.
  public var pid: Int { Int(process.pid) }

  /// Whether it has ended and nobody else can print on its console any more.
  public var isSilent: Bool { end != nil && connection.output == nil && connection.remarks == nil }

  /// Lets an epoll set tell what becomes ready.
  public func watch(in poller: borrowing Poller) throws(SystemError) {
    if let output = connection.output?.number { try poller.add(output, token: bits(.output)) }
    if let remarks = connection.remarks?.number { try poller.add(remarks, token: bits(.remarks)) }
    try poller.add(process.number, token: bits(.end))
  }

  func bits(_ channel: Channel) -> UInt64 { token << Self.channelBits | channel.rawValue }

  /// Takes what has become ready.
  public func take(_ channel: Channel, in poller: borrowing Poller) {
    switch channel {
    case .output: if !drainOutput() { connection.output = nil }
    case .remarks: if !drainRemarks() { connection.remarks = nil }
    case .end:
      poller.remove(process.number)
      noticeEnd()
    case .survivor: stop?.watched = []
    }
  }

  /// Looks whether it has ended, and reads what it printed last.
  func noticeEnd() {
    guard end == nil else { return }
    end = process.peek()
    guard end != nil else { return }
    if !drainOutput() { connection.output = nil }
    if !drainRemarks() { connection.remarks = nil }
    release()
  }

  /// Sends a line to the console.
  public func send(_ line: String) -> ConsoleInput { end == nil ? connection.send(line) : .closed }
}

// Signals.
extension NodeProcess {
  /// Sends a signal to the process and its group.
  ///
  /// Safe from reuse: dead or alive, the process owns the number of its group until it is reaped.
  func signal(_ number: CInt) { Glibc.kill(-process.pid, number) }

  /// Kills it without warning.
  public func kill() { signal(SIGKILL) }

  /// Stops it where it stands.
  public func freeze() {
    isFrozen = true
    signal(SIGSTOP)
  }

  /// Lets it go on.
  public func thaw() {
    isFrozen = false
    signal(SIGCONT)
  }
}

// Reading the console.
extension NodeProcess {
  private func drainOutput() -> Bool {
    guard let output = connection.output?.number else { return true }
    return drain(output) { bytes, time in
      console.append(bytes, at: time)
      if console.isAtLineStart { release() }
    }
  }

  private func drainRemarks() -> Bool {
    guard let remarks = connection.remarks?.number else { return true }
    return drain(remarks) { bytes, time in
      held += bytes
      if console.isAtLineStart || held.count > Self.heldMax { release(whole: true) }
    }
  }

  /// Reads what is there, and answers whether more may come.
  private func drain(_ number: CInt, _ body: ([UInt8], MonotonicInstant) -> Void) -> Bool {
    var count = 0
    while count < Self.drainMax {
      switch try? Descriptor.read(from: number) {
      case .bytes(let bytes):
        count += bytes.count
        body(bytes, .now)
      case .nothing: return true
      // A terminal that nobody has open any more gives an error.
      case .end, nil: return false
      }
    }
    return true
  }

  /// Puts what the program printed beside its console among the lines of the console.
  private func release(whole: Bool = false) {
    let count = whole ? held.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0 : held.count
    let taken = count == 0 && held.count > Self.heldMax ? held.count : count
    guard taken > 0 else { return }
    console.append(Array(held[..<taken]), at: .now)
    held.removeFirst(taken)
  }
}
