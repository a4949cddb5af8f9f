import Foundation
import Testing

@testable import SuiteLanguage

/// Files beside the tests, and suites with one mistake put in.
enum Example {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  static let root = folder.deletingLastPathComponent().deletingLastPathComponent()
  static let suites = ["dma", "pipe", "amu", "fabric", "faults"]

  static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: "Examples/\(name).yaml"), encoding: .utf8)
  }

  static func load(_ text: String, path: String = "Suites/dma.yaml") -> SuiteLoader.Result {
    SuiteLoader.load(path: path, bytes: Array(text.utf8))
  }

  /// An example with every occurrence of one text replaced by another; the text must be there.
  static func edited(_ name: String, _ old: String, _ new: String) throws -> String {
    let text = try text(name)
    try #require(text.contains(old))
    return text.replacingOccurrences(of: old, with: new)
  }

  /// All messages of a text, as a person sees them.
  static func messages(_ text: String, path: String = "s.yaml") -> String {
    let result = load(text, path: path)
    return result.diagnostics.map { $0.text(in: result.source) }.joined()
  }

  /// The head lines only.
  static func heads(_ text: String, path: String = "s.yaml") -> [String] {
    load(text, path: path).diagnostics.map { "\($0.span.start): \($0.message) [\($0.code)]" }
  }

  /// The paragraphs of a golden file after its first, each of so many lines, `\n` and `\t` replaced.
  static func mistakes(_ name: String, lines: Int) -> [[String]] {
    let file = folder.appending(path: "Examples/\(name).golden")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
    let body = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).dropFirst(2)
    let unescaped = body.map { line in
      line.replacing("\\n", with: "\n").replacing("\\t", with: "\t").replacing("\\u{1}", with: "\u{1}")
    }
    return stride(from: 0, to: unescaped.count - 1, by: lines + 1).map { start in
      // The head line is what a person reads, and is taken as it stands.
      unescaped[start..<(start + lines - 1)] + [body[body.startIndex + start + lines - 1]]
    }
  }
}
