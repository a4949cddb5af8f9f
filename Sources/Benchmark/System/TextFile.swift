import Glibc

/// Whole texts to and from files and streams.
enum TextFile {
  /// Writes a text to a new or an emptied file.
  static func write(_ text: String, to path: String) throws(SystemError) {
    let number = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    if number < 0 { throw SystemError("write \(path)", number: errno) }
    defer { close(number) }
    try write(text, to: number)
  }

  /// Writes a text to an open descriptor.
  static func write(_ text: String, to number: CInt) throws(SystemError) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
      if count < 0, errno != EINTR { throw SystemError("write", number: errno) }
      if count > 0 { rest = rest.dropFirst(count) }
    }
  }

  /// Whether a file is there and can be read.
  static func isThere(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }

  /// The text of a file of the kernel, nil when it is not there.
  static func read(_ path: String) -> String? {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    if number < 0 { return nil }
    defer { close(number) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 8192)
    while true {
      let count = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(number, $0.baseAddress, $0.count) }
      if count <= 0 { return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
      bytes += piece[..<count]
    }
  }
}
