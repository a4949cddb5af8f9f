import Glibc
import Nodes
import SuiteLanguage

/// Asks a program what it is.
enum ToolProbe {
  /// What a program has time for to answer.
  private static let limitNanoseconds: UInt64 = 10_000_000_000
  private static let outputMax = 1 << 20

  /// Why there is no answer.
  enum Failure: Error, CustomStringConvertible {
    case system(SystemError)
    case silent

    var description: String {
      switch self {
      case .system(let error): "\(error)"
      case .silent: "it gave no answer within 10 s"
      }
    }
  }

  /// Runs the program and gives what it printed on both streams; the exit status says nothing.
  static func output(of path: String, arguments: [String]) throws(Failure) -> String {
    let bytes: [UInt8]?
    do throws(SystemError) { bytes = try run(path, arguments) } catch { throw .system(error) }
    guard let bytes else { throw .silent }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func run(_ path: String, _ arguments: [String]) throws(SystemError) -> [UInt8]? {
    let ends = try Descriptor.pipe().take()
    let output = Descriptor(owning: ends.first)
    let remote = Descriptor(owning: ends.second)
    let nothing = try Descriptor.open("/dev/null", O_RDONLY | O_CLOEXEC, "read")
    try output.makeNonblocking()
    var process = try ChildProcess(
      path, arguments: arguments,
      descriptors: [
        .init(from: nothing.number, to: 0), .init(from: remote.number, to: 1),
        .init(from: remote.number, to: 2),
      ])
    defer { process.terminate() }
    var poller = try Poller()
    try poller.add(output.number, token: 0)
    try poller.add(process.number, token: 1)
    let end = MonotonicInstant.now.adding(nanoseconds: limitNanoseconds)
    var bytes: [UInt8] = []
    while bytes.count < outputMax {
      let left = end.nanoseconds(since: .now)
      if left == 0 { return nil }
      let ready = try poller.wait(milliseconds: Int32(left / 1_000_000 + 1))
      reading: while bytes.count < outputMax {
        switch try output.read() {
        case .bytes(let more): bytes += more
        case .nothing: break reading
        case .end: return bytes
        }
      }
      if ready.contains(1) { return bytes }
    }
    return bytes
  }

  /// The first number with at least two parts, such as 10.1 or 7.2.22; else the first number.
  static func version(in text: String) -> ToolVersion? {
    var single: ToolVersion?
    for word in text.split(whereSeparator: { !$0.isASCII || !($0.isNumber || $0 == ".") }) {
      let parts = word.split(separator: ".").map { UInt64($0) }
      guard !parts.isEmpty, parts.allSatisfy({ $0 != nil }) else { continue }
      let version = ToolVersion(parts: parts.compactMap(\.self))
      if parts.count > 1 { return version }
      single = single ?? version
    }
    return single
  }

  /// Whether a text holds what a pattern describes.
  static func holds(_ text: String, _ pattern: String) -> Bool {
    guard let expression = try? Regex(pattern) else { return false }
    return (try? expression.firstMatch(in: text)) != nil
  }
}
