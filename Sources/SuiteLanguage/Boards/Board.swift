/// Which simulator plays a node, and how it is started and stopped.
public struct Board: Hashable, Sendable {
  public var name: String
  public var about: String?
  public var architecture: String
  public var simulator: String
  public var requirements: [Requirement]
  public var launch: BoardLaunch
  public var console: BoardConsole
  public var reach: BoardReach
  /// How the console shows that the node is up; nil takes it as up at once.
  public var ready: BoardReady?
  public var stop: BoardStop
  /// Factor on every timeout of a case that uses the board.
  ///
  /// - Units: thousandths.
  public var timeoutScale: UInt64
  public var needs: BoardNeeds
}

/// The program of a board with its arguments.
public struct BoardLaunch: Hashable, Sendable {
  public var program: BoardArgument
  public var arguments: [BoardArgument]
  /// Repeated for each link of the node.
  public var argumentsPerLink: [BoardArgument]
  /// Repeated for each link of the node at which something is from the start.
  public var argumentsPerDevice: [BoardArgument]
  /// Variables added to the environment, in the order of the file.
  public var environment: [BoardVariable]
}

/// One variable of a program's environment.
public struct BoardVariable: Hashable, Sendable {
  public var name: String
  public var value: BoardArgument
}

/// One argument, built from pieces that are joined without a separator.
public struct BoardArgument: Hashable, Sendable {
  /// A piece of an argument.
  public enum Piece: Hashable, Sendable {
    case text(String)
    case reference(BoardReference)
  }

  public var pieces: [Piece]
}

/// What a board file may refer to.
public enum BoardReference: String, CaseIterable, Hashable, Sendable {
  /// The path of the node's image.
  case image
  /// The device of the node's console.
  case console
  /// The path of a link's socket; once for each link.
  case socket
  /// The numeric address of the end of a Warp Pipe wire.
  case host
  /// The port beside it.
  case port
  /// The number of a link among those of the node, from 1.
  case index
  /// The path at which QEMU calls with its test interface.
  case qtest
  /// The path at which QEMU calls with its monitor.
  case monitor
  /// How QEMU runs the machine's code: `tcg`, or `kvm` where that was asked for and has booted.
  case accelerator
}

/// Who calls whom on a Warp Pipe wire.
public enum BoardCall: String, CaseIterable, Hashable, Sendable {
  /// The program calls, and the broker listens at `$host` and `$port` before it starts.
  case connect
  /// The program listens at `$host` and `$port`, and the broker calls until it does.
  case listen
}

/// How a board's console is connected.
public enum BoardConsole: String, CaseIterable, Hashable, Sendable {
  /// A terminal: the one at `$console`, else the program's own.
  case pty
  /// The program's standard input, output and errors as pipes.
  case pipe
}

/// How others reach the program, and the software in its guest.
public struct BoardReach: Hashable, Sendable {
  /// The wire of a link of which the suite names none.
  public var wire = LinkWire.pcieLink
  /// What the program does on a wire where somebody has to call: Warp Pipe's.
  ///
  /// Nil where the board says nothing; then the program calls.
  public var call: BoardCall?
  /// Where software of the node takes the requests that steps make by it; nil where it takes none.
  public var agent: BoardAgent?
  /// What adds a device to the machine while it runs; nil where nothing does.
  public var monitor: BoardMonitor?
}

/// Commands that a QEMU is given at its monitor, each a line of QMP.
public struct BoardMonitor: Hashable, Sendable {
  /// Adds the device of a link.
  public var plug: BoardArgument
  /// Asks for the removal of a device.
  public var unplug: BoardArgument
}

/// Who does the steps by a host that is a program.
public enum BoardAgent: String, CaseIterable, Hashable, Sendable {
  /// An agent in its guest, which answers lines on the node's console.
  case console
  /// The harness in place of the machine's processor, by QEMU's test interface at `$qtest`.
  case qtest
  /// The same with a QEMU whose clock is the real one, such as with the accelerator tcg.
  case qtestRealTime = "qtest-real-time"

  /// Whether the harness is the system software, which finds functions and sets them up.
  public var isSystem: Bool { self != .console }
}

/// The console line that tells that a node is up.
public struct BoardReady: Hashable, Sendable {
  public var pattern: String
  public var timeout: TimeSpan
}

/// How a node's process is ended before SIGKILL.
public struct BoardStop: Hashable, Sendable {
  public var signal: StopSignal
  public var grace: TimeSpan
}

/// The signals a board may name.
public enum StopSignal: String, CaseIterable, Hashable, Sendable {
  case terminate = "TERM"
  case interrupt = "INT"
  case hangUp = "HUP"
  case quit = "QUIT"
  case kill = "KILL"
}

/// The weight of a node in the scheduler.
public struct BoardNeeds: Hashable, Sendable {
  public var cores: Int
  /// - Units: bytes.
  public var memory: UInt64
}
