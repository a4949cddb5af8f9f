import Glibc
import Nodes
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
      guard let index = words.dropFirst().first.flatMap({ Int($0) }), index >= 0 else {
        throw unreadable(line)
      }
      guard let parts = try parts(words.dropFirst(2), behind: end, line) else { return nil }
      return .suite(index: index, path: parts.name, text: parts.text)
    case "board":
      guard let parts = try parts(words.dropFirst(), behind: end, line) else { return nil }
      return .board(path: parts.name, text: parts.text)
    case "tool", "image", "accelerator":
      guard let kind = words.first.flatMap({ WorkerCommand.Place(rawValue: String($0)) }),
        let parts = try parts(words.dropFirst(), behind: end, line)
      else { return nil }
      return .place(kind, name: parts.name, path: String(decoding: parts.text, as: UTF8.self))
    case "run":
      let numbers = words.dropFirst().dropLast().compactMap { Int($0) }
      guard numbers.count == 6, let seed = words.last.flatMap({ UInt64($0) }),
        let scale = UInt64(exactly: numbers[4])
      else { throw unreadable(line) }
      buffer.removeFirst(end + 1)
      return .run(
        WorkerTask(
          suite: numbers[0], instance: numbers[1], key: CaseKey(instance: numbers[2], attempt: numbers[3]),
          seed: seed, timeoutScale: TimeoutScale(thousandths: scale), keepsRoot: numbers[5] != 0))
    default: throw unreadable(line)
    }
  }

  /// Takes the two pieces of text behind a line that tells their sizes; nil when more bytes are needed.
  private mutating func parts(
    _ words: ArraySlice<Substring>, behind end: Int, _ line: String
  ) throws(SystemError) -> (name: String, text: [UInt8])? {
    let numbers = words.compactMap { Int($0) }
    guard words.count == 2, numbers.count == 2, numbers.allSatisfy({ $0 >= 0 }) else {
      throw unreadable(line)
    }
    let text = end + 1 + numbers[0]
    let last = text + numbers[1]
    guard buffer.count >= last else { return nil }
    let name = String(decoding: buffer[(end + 1)..<text], as: UTF8.self)
    let bytes = Array(buffer[text..<last])
    buffer.removeFirst(last)
    return (name, bytes)
  }

  private func unreadable(_ line: String) -> SystemError {
    SystemError("understand '\(line)' of the supervisor", number: EPROTO)
  }
}
