import LinkBroker

/// Speaks QEMU's test interface: listens where QEMU calls, sends commands and takes their answers in order.
///
/// Nothing here waits. What QEMU sends may be anything: it ends in answers or in a failure.
public final class QTestClient {
  /// Why nothing can be asked any more; nil while it can.
  public private(set) var failure: QTestFailure?
  /// The path at which QEMU calls.
  public var path: String { lines.path }
  /// Whether QEMU has called.
  public var isConnected: Bool { lines.isConnected }
  /// The commands without an answer.
  public var openCount: Int { open.count }

  private let lines: LineExchange
  private var open: [QTestCommand] = []
  private var answers: [[UInt8]] = []
  private var changes: [QTestInterrupt] = []

  /// The most bytes that one command reads or writes, so that lines stay short.
  public static let transferMax = 16384
  /// No line of QEMU's is longer than the answer to the largest read.
  private static let lineMax = transferMax * 2 + 64

  /// Listens at a path of at most 107 bytes.
  ///
  /// - Throws: such as that the path is too long, or that something is there.
  public init(path: String) throws(SocketError) {
    lines = try LineExchange(path: path, lineMax: Self.lineMax)
  }

  /// The descriptors that tell that there is something to look at.
  public var waits: [TransportWait] { lines.waits }

  /// Asks for something; what is asked before QEMU has called waits for it.
  public func ask(_ command: QTestCommand) {
    guard failure == nil else { return }
    open.append(command)
    lines.say(command.text)
    if let loss = lines.loss { fail(QTestFailure(loss)) }
  }

  /// Takes the oldest answer that has come: the bytes of a load, none of anything else.
  public func takeAnswer() -> [UInt8]? { answers.isEmpty ? nil : answers.removeFirst() }

  /// Takes what has become of intercepted interrupts, in order.
  public func takeInterrupts() -> [QTestInterrupt] {
    defer { changes = [] }
    return changes
  }

  /// Lets QEMU in, and takes and gives what can be taken and given; false when there was nothing.
  public func look() -> Bool {
    guard failure == nil else { return false }
    let hasMoved = lines.look()
    while failure == nil, let line = lines.takeLine() { take(line) }
    if let loss = lines.loss, failure == nil { fail(QTestFailure(loss)) }
    return hasMoved
  }

  private func take(_ line: String) {
    if line.hasPrefix("IRQ ") {
      guard let change = QTestInterrupt(line[...]) else { return fail(.garbage("'\(line)'")) }
      return changes.append(change)
    }
    guard let command = open.first else { return fail(.garbage("'\(line)' to no command")) }
    guard line == "OK" || line.hasPrefix("OK ") else { return fail(.refused(command.text, line)) }
    guard let bytes = command.bytes(of: line.dropFirst(3)) else {
      return fail(.garbage("'\(line)' to '\(command.text)'"))
    }
    open.removeFirst()
    answers.append(bytes)
  }

  private func fail(_ failure: QTestFailure) {
    self.failure = failure
    lines.close(.hungUp)
    open = []
  }
}

/// A change of an input of an interrupt controller.
public struct QTestInterrupt: Hashable, Sendable {
  public var input: Int
  public var isRaised: Bool

  /// Reads `IRQ raise N` or `IRQ lower N`; nil for everything else.
  init?(_ line: Substring) {
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[1] == "raise" || words[1] == "lower", let input = UInt16(words[2]) else {
      return nil
    }
    self.input = Int(input)
    isRaised = words[1] == "raise"
  }
}

/// Why nothing can be asked of QEMU any more.
public enum QTestFailure: Error, Hashable, Sendable {
  case hungUp
  case refused(_ command: String, _ answer: String)
  case garbage(String)
  case system(SocketError)
}

extension QTestFailure {
  fileprivate init(_ loss: LineExchange.Loss) {
    switch loss {
    case .hungUp: self = .hungUp
    case .longLine(let limit): self = .garbage("a line of more than \(limit) bytes")
    case .garbage(let line): self = .garbage("'\(line)'")
    case .system(let error): self = .system(error)
    }
  }
}

extension QTestFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .hungUp: "it has closed its qtest socket"
    case .refused(let command, let answer): "qtest answered '\(answer)' to '\(command.prefix(80))'"
    case .garbage(let what): "qtest sent \(what.prefix(120)), which is no answer"
    case .system(let error): "\(error)"
    }
  }
}
