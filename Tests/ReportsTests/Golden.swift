import Foundation
import Testing

/// Files of expected output beside the tests; `UPDATE_SNAPSHOTS=1 swift test` writes them anew.
enum Golden {
  static func check(_ text: String, _ name: String, location: SourceLocation = #_sourceLocation) throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens/\(name)")
    if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
      try Data(text.utf8).write(to: url)
    }
    let expected = try String(contentsOf: url, encoding: .utf8)
    #expect(text == expected, "differs from Goldens/\(name)", sourceLocation: location)
  }
}
