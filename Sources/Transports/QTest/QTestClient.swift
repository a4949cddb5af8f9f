import Glibc
import LinkBroker

/// Speaks QEMU's test interface: listens where QEMU calls, sends commands and takes their answers in order.
///
/// Nothing here waits. What QEMU sends may be anything: it ends in answers or in a failure.
public final class QTestClient {
  /// The path at which QEMU calls.
  public let path: String
  /// Why nothing can be asked any more; nil while it can.
  public private(set) var failure: QTestFailure?
  /// Whether QEMU has called.
  public var isConnected: Bool { socket != nil }
  /// The commands without an answer.
  public var openCount: Int { open.count }

  private var listener: StreamSocket?
  private var socket: StreamSocket?
  private var output: [UInt8] = []
  private var input: [UInt8] = []
  /// Where no end of a line has been found yet.
  private var searched = 0
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
    var address = SocketAddress.unix(path: path)
    listener = try StreamSocket.listen(at: &address)
    self.path = path
  }

  deinit { close() }

  private func close() {
    guard listener != nil else { return }
    listener = nil
    unsafe unlink(path)
  }

  /// The descriptors that tell that there is something to look at.
  public var waits: [TransportWait] {
    if failure != nil { return [] }
    if let number = socket?.number {
      return [TransportWait(descriptor: number, isForWriting: !output.isEmpty)]
    }
    return (listener?.number).map { [TransportWait(descriptor: $0)] } ?? []
  }

  /// Asks for something; what is asked before QEMU has called waits for it.
  public func ask(_ command: QTestCommand) {
    guard failure == nil else { return }
    open.append(command)
    output += Array(command.text.utf8)
    output.append(UInt8(ascii: "\n"))
    send()
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
    if socket == nil {
      do throws(SocketError) {
        guard let caller = try listener?.accept() else { return false }
        socket = consume caller
      } catch {
        fail(.system(error))
        return true
      }
      close()
    }
    let before = output.count
    send()
    return receive() || output.count != before
  }

  private func send() {
    while !output.isEmpty, let result = socket?.write(output[...]) {
      switch result {
      case .taken(let count): output.removeFirst(count)
      case .full: return
      case .gone: return fail(.hungUp)
      case .failed(let error): return fail(.system(error))
      }
    }
  }

  private func receive() -> Bool {
    var hasMoved = false
    while failure == nil, let result = socket?.read() {
      switch result {
      case .nothing: return hasMoved
      case .end: fail(.hungUp)
      case .failed(let error): fail(.system(error))
      case .bytes(let bytes):
        input += bytes
        takeLines()
      }
      hasMoved = true
    }
    return hasMoved
  }

  private func takeLines() {
    var start = 0
    while let end = input[max(searched, start)...].firstIndex(of: UInt8(ascii: "\n")) {
      take(String(decoding: input[start..<end], as: UTF8.self))
      start = end + 1
      if failure != nil { return }
    }
    input.removeFirst(start)
    searched = input.count
    if input.count > Self.lineMax { fail(.garbage("a line of more than \(Self.lineMax) bytes")) }
  }

  private func take(_ text: String) {
    let line = text.hasSuffix("\r") ? text.dropLast() : text[...]
    if line.hasPrefix("IRQ ") {
      guard let change = QTestInterrupt(line) else { return fail(.garbage("'\(line)'")) }
      return changes.append(change)
    }
    guard let command = open.first else { return fail(.garbage("'\(line)' to no command")) }
    guard line == "OK" || line.hasPrefix("OK ") else { return fail(.refused(command.text, "\(line)")) }
    guard let bytes = command.bytes(of: line.dropFirst(3)) else {
      return fail(.garbage("'\(line)' to '\(command.text)'"))
    }
    open.removeFirst()
    answers.append(bytes)
  }

  private func fail(_ failure: QTestFailure) {
    self.failure = failure
    socket = nil
    close()
    (open, output, input) = ([], [], [])
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
