import Glibc

/// A folder of its own that is removed with all that is in it.
struct TemporaryFolder: ~Copyable {
  let path: String

  init() throws(SystemError) {
    let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/pcie-benchmark-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else {
      throw SystemError("make a folder in \(base)", number: errno)
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Writes a file into the folder and gives its path.
  func write(_ name: String, _ text: String) throws(SystemError) -> String {
    try TextFile.write(text, to: "\(path)/\(name)")
    return "\(path)/\(name)"
  }

  func makeFolder(_ name: String) throws(SystemError) {
    guard unsafe mkdir("\(path)/\(name)", 0o777) == 0 else {
      throw SystemError("make \(path)/\(name)", number: errno)
    }
  }

  deinit { _ = try? ProcessRun.perform("/bin/rm", ["-rf", path]) }
}
