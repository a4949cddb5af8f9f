import Glibc
import RunEvents

/// Takes commands out of bytes that arrive in pieces of any size.
struct WorkerCommandReader {
  private var buffer: [UInt8] = []

  mutating func append(_ bytes: [UInt8]) { buffer += bytes }

  /// The next whole command; nil when more bytes are needed.
  ///
  /// - Throws: a protocol error for a line that is no command.
  mutating func next() throws(SystemError) -> WorkerCommand? {
    guard let end = buffer.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let line = String(decoding: buffer[..<end], as: UTF8.self)
    let words = line.split(separator: " ")
    switch words.first {
    case "suite":
      let numbers = words.dropFirst().compactMap { Int($0) }
      guard numbers.count == 3, numbers.allSatisfy({ $0 >= 0 }) else { throw unreadable(line) }
      let text = end + 1 + numbers[1]
      let last = text + numbers[2]
      guard buffer.count >= last else { return nil }
      let path = String(decoding: buffer[(end + 1)..<text], as: UTF8.self)
      let command = WorkerCommand.suite(index: numbers[0], path: path, text: Array(buffer[text..<last]))
      buffer.removeFirst(last)
      return command
    case "run":
      let numbers = words.dropFirst().dropLast().compactMap { Int($0) }
      guard numbers.count == 5, let seed = words.last.flatMap({ UInt64($0) }),
        let scale = UInt64(exactly: numbers[4])
      else { throw unreadable(line) }
      buffer.removeFirst(end + 1)
      return .run(
        WorkerTask(
          suite: numbers[0], instance: numbers[1], key: CaseKey(instance: numbers[2], attempt: numbers[3]),
          seed: seed, timeoutScale: TimeoutScale(thousandths: scale)))
    default: throw unreadable(line)
    }
  }

  private func unreadable(_ line: String) -> SystemError {
    SystemError("understand '\(line)' of the supervisor", number: EPROTO)
  }
}
