import Glibc

/// What the system tells of a process.
struct ProcessFacts {
  let pid: pid_t
  let parent: pid_t
  let group: pid_t
  let session: pid_t
  /// Whether it has ended and only waits to be reaped.
  let hasEnded: Bool

  /// Nil for a process that is gone.
  ///
  /// - Source: proc(5), `/proc/pid/stat`; the name in parentheses may hold anything, also parentheses.
  init?(_ pid: pid_t) {
    guard let bytes = try? FileStore.read("/proc/\(pid)/stat"),
      let end = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let words = String(decoding: bytes[(end + 1)...], as: UTF8.self).split(separator: " ")
    guard words.count > 4, let parent = pid_t(words[1]), let group = pid_t(words[2]),
      let session = pid_t(words[3])
    else { return nil }
    self.pid = pid
    self.parent = parent
    self.group = group
    self.session = session
    hasEnded = words[0] == "Z" || words[0] == "X"
  }

  /// The command line in one line, cut to what fits one; the name in brackets where there is none.
  static func command(_ pid: pid_t) -> String {
    let bytes = (try? FileStore.read("/proc/\(pid)/cmdline")) ?? []
    let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    if words.isEmpty {
      let name = (try? FileStore.read("/proc/\(pid)/comm")) ?? []
      return "[\(String(decoding: name, as: UTF8.self).prefix { $0 != "\n" })]"
    }
    let line = words.joined(separator: " ")
    return line.count > commandMax ? line.prefix(commandMax - 1) + "…" : line
  }

  private static let commandMax = 160

  /// Whether the process was started with a variable, or by somebody who was.
  static func carries(_ variable: String, _ pid: pid_t) -> Bool {
    guard let bytes = try? FileStore.read("/proc/\(pid)/environ") else { return false }
    return bytes.split(separator: 0).contains { $0.elementsEqual(variable.utf8) }
  }
}
