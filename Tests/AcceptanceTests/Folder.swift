import Foundation

/// A folder of a test's own that goes away with it.
final class Folder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "harness-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path(percentEncoded: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ name: String, _ text: String = "", isProgram: Bool = false) throws -> String {
    let file = "\(path)/\(name)"
    let folder = URL(filePath: file).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: file))
    if isProgram { try Self.makeProgram(file) }
    return file
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }

  func names(_ name: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)").sorted()
  }

  /// Puts a copy in the place of a file that another process has written: while this one still has a file open for
  /// writing, a test beside may start a child, which inherits that, and Linux then refuses to run the file.
  private static func makeProgram(_ file: String) throws {
    let copy = Process()
    copy.executableURL = URL(filePath: "/bin/sh")
    copy.arguments = ["-c", "cp \"$0\" \"$0.new\" && chmod 755 \"$0.new\" && mv \"$0.new\" \"$0\"", file]
    try copy.run()
    copy.waitUntilExit()
  }
}
