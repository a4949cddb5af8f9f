import Foundation
import Testing

/// Every suite of the repository passes as a user runs it, and reports what it counts.
@Suite struct ProductSuiteTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Suites")
  static let suites = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".yaml") }.sorted()

  @Test func thereAreSuites() {
    #expect(Self.suites.contains("dma.yaml") && Self.suites.count >= 6, "\(Self.suites)")
  }

  @Test(arguments: suites) func passes(_ name: String) throws {
    let folder = try Folder()
    let path = Self.folder.appending(path: name).path(percentEncoded: false)
    let ending = try Program.run("run", path, "--junit", "r.xml", in: folder)
    #expect(ending.status == 0, "\(ending.output)")
    #expect(try folder.text("r.xml").contains("failures=\"0\" errors=\"0\" skipped=\"0\""))
  }
}
