import Foundation

/// The files of the repository that the rules are held against.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// What may stand at the top; files that begin with a dot may too.
  static let topLevel: Set<String> = [
    "Package.swift", "Package.resolved", "Sources", "Tests", "Suites", "Boards", "Twister", "README.md",
    "Makefile",
    "harness-out",
  ]
  private static let rooms = [
    ".ci", ".gitignore", ".swift-format", "Boards", "Makefile", "Package.swift", "README.md", "Sources",
    "Suites", "Tests",
    "Twister",
  ]
  private static let binaries: Set<String> = ["pcapng", "png", "gz", "zip", "bin"]

  /// Every text file of the repository's rooms, by relative path, in one order.
  static let paths: [String] = rooms.flatMap { below($0) }.sorted()
  static let files: [SourceText] = paths.filter { !binaries.contains(URL(filePath: $0).pathExtension) }.map {
    SourceText(path: $0, text: text($0))
  }

  static func text(_ path: String) -> String {
    guard let data = try? Data(contentsOf: root.appending(path: path)) else { return "" }
    return String(decoding: data, as: UTF8.self)
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path(percentEncoded: false))
  }

  private static func below(_ path: String) -> [String] {
    let place = root.appending(path: path)
    guard let values = try? place.resourceValues(forKeys: [.isDirectoryKey]) else { return [] }
    guard values.isDirectory == true else { return [path] }
    let content = try? FileManager.default.contentsOfDirectory(atPath: place.path(percentEncoded: false))
    // `make programs` builds into Suites.
    return (content ?? []).filter {
      $0 != ".build" && $0 != "build" && $0 != "__pycache__" && $0 != ".pytest_cache"
    }
    .flatMap { below("\(path)/\($0)") }
  }
}
