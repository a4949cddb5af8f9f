import CSystem
import Glibc

/// The two sides of a node's console: what the harness reads and writes, and what the program gets.
public final class ConsoleConnection {
  /// The room asked for in a pipe, so that a program rarely waits for the harness.
  private static let pipeRoom: CInt = 1 << 20

  /// What the console prints; closed when nobody can print any more.
  var output: Descriptor?
  /// What the program prints beside a console that is a device.
  var remarks: Descriptor?
  /// Where lines for the console go.
  private let input: Descriptor
  /// What the program gets, closed here once it has it.
  private var givenInput: Descriptor?
  private var givenOutput: Descriptor?
  private var inheritances: [ChildProcess.Inheritance] = []
  /// Keeps a terminal from being hung up while the program has not opened it.
  private var keeper: Descriptor?
  /// The path of the terminal that the program opens; nil for other kinds.
  public private(set) var devicePath: String?
  let kind: ConsoleKind

  /// Makes a console that no program has yet.
  public init(_ kind: ConsoleKind) throws(SystemError) {
    self.kind = kind
    switch kind {
    case .pipe:
      let input = try Descriptor.pipe().take()
      self.input = Descriptor(owning: input.second)
      try self.input.makeNonblocking()
      givenInput = Descriptor(owning: input.first)
      inheritances = [.init(from: input.first, to: 0)]
      output = try outputPipe()
    case .terminal, .device:
      var path = [CChar](repeating: 0, count: 64)
      let number = unsafe path.withUnsafeMutableBufferPointer {
        unsafe csys_terminal($0.baseAddress, $0.count)
      }
      if number < 0 { throw SystemError("make a terminal", result: number) }
      let terminal = Descriptor(owning: number)
      try terminal.makeNonblocking()
      input = try terminal.duplicate()
      output = consume terminal
      let name = String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let far = try Descriptor.open(name, O_RDWR | O_NOCTTY | O_CLOEXEC, "open terminal")
      if kind == .terminal {
        inheritances = (0...2).map { .init(from: far.number, to: $0) }
        givenInput = consume far
      } else {
        keeper = consume far
        devicePath = name
        let nothing = try Descriptor.open("/dev/null", O_RDONLY | O_CLOEXEC, "read")
        inheritances = [.init(from: nothing.number, to: 0)]
        givenInput = consume nothing
        remarks = try outputPipe()
      }
    }
  }

  private func outputPipe() throws(SystemError) -> Descriptor {
    let ends = try Descriptor.pipe().take()
    let own = Descriptor(owning: ends.first)
    own.askForRoom(Self.pipeRoom)
    try own.makeNonblocking()
    inheritances += [.init(from: ends.second, to: 1), .init(from: ends.second, to: 2)]
    givenOutput = Descriptor(owning: ends.second)
    return own
  }

  /// What the program gets; its standard input is a terminal that controls its session, or not.
  var launching: (descriptors: [ChildProcess.Inheritance], isTerminal: Bool) {
    (inheritances, kind == .terminal)
  }

  /// The program has its descriptors: their end is seen only when they are not open here too.
  func handOver() {
    givenInput = nil
    givenOutput = nil
    inheritances = []
  }

  /// Writes a line for the program; all of it or nothing.
  func send(_ line: String) -> ConsoleInput {
    let bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
    guard bytes.count <= ConsoleInput.bytesMax else { return .tooLong }
    do throws(SystemError) {
      return try input.write(bytes[...]) == bytes.count ? .taken : .full
    } catch { return error.isClosedPipe || error.number == EIO ? .closed : .failed(error) }
  }
}

/// What became of a line for a console.
public enum ConsoleInput: Hashable, Sendable {
  /// It is on its way.
  case taken
  /// The program reads none: what was sent before has filled the console's buffer.
  case full
  /// Nobody reads the console any more.
  case closed
  /// The line is longer than the system passes as one.
  case tooLong
  /// The system refused.
  case failed(SystemError)

  /// The most bytes of a line with its end.
  ///
  /// - Source: POSIX.1-2017, `write`: up to PIPE_BUF bytes go whole or not at all.
  public static let bytesMax = 4096
}
