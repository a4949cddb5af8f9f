import Foundation
import Testing

/// The house rules, held against every file of the repository.
@Suite struct RepositoryTests {
  static let rules: [Rule] = [
    .fileSize, .functionSize, .cFunctionSize, .lineLength, .storedProperties, .foundation, .printing,
    .forcing, .sleeping,
    .clocks, .threads, .portable,
    .chance, .unfinished, .unsafe, .fileName, .names,
    .documentation(requirements: Rule.requirements(in: Repository.files)), .standsAlone, .whitespace,
  ]

  @Test("rule", arguments: rules) func holds(_ rule: Rule) {
    report(Repository.files.flatMap(rule.check))
  }

  @Test func findsTheSources() {
    #expect(Repository.files.contains { $0.path == "Package.swift" })
    #expect(Repository.files.filter(\.isInSources).count > 10)
  }

  @Test func topLevelIsFixed() throws {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: Repository.root.path(percentEncoded: false))
    for name in names where !name.hasPrefix(".") {
      #expect(Repository.topLevel.contains(name), "'\(name)' does not belong at the top level")
    }
  }

  @Test func linksResolve() {
    for file in Repository.files where file.path.hasSuffix(".md") {
      report(
        LinkRule.findings(
          path: file.path, markdown: file.lines.joined(separator: "\n"), exists: Repository.exists,
          text: Repository.text))
    }
  }

  @Test(.enabled(if: Tool.find("swift") != nil, "no swift on PATH")) func formatIsClean() throws {
    let swift = try #require(Tool.find("swift"))
    let lint = try Tool.run(
      swift,
      [
        "format", "lint", "--strict", "--parallel", "-r", "Sources", "Tests",
        "Package.swift",
      ])
    print(lint.errors)
    #expect(lint.status == 0, "printed above")
  }

  static let documentation = "Sources/PCIeHarness/Documentation.docc"

  @Test(.enabled(if: Tool.find("swift") != nil, "no swift on PATH")) func targetsFollowTheTable() throws {
    let swift = try #require(Tool.find("swift"))
    // A scratch path of its own: the test runner holds the lock of the usual one.
    let scratch = FileManager.default.temporaryDirectory.appending(path: "tidy-manifest-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let dump = try Tool.run(
      swift, ["package", "--scratch-path", scratch.path(percentEncoded: false), "dump-package"])
    try #require(dump.status == 0, "\(dump.errors)")
    let manifest = try Manifest(json: dump.output)
    let table = ImportTable(markdown: Repository.text("\(Self.documentation)/Architecture.md"))
    #expect(table.rows.count >= 10)
    report(table.findings(manifest))
    report(manifest.findings(paths: Repository.paths))
    report(Repository.files.flatMap(table.rule.check))
  }

  @Test func specificationTableIsComplete() throws {
    let table = SpecificationTable(Repository.files)
    let path = "\(Self.documentation)/SpecificationTable.md"
    if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
      try Data(table.markdown.utf8).write(to: Repository.root.appending(path: path))
    }
    let isComplete = Repository.text(path) == table.markdown
    #expect(isComplete, "run UPDATE_SNAPSHOTS=1 swift test --filter TidyTests, and compare the new rows")
  }

  /// The benchmark has no tests; what it measures has.
  @Test func unsafeCodeIsTestedUnderTheSanitizer() throws {
    let line = try #require(
      Repository.text(".ci/run").split(separator: "\n").first { $0.contains("tests address ") })
    let tested = line.split(separator: "\"").last?.split(separator: " ").map(String.init) ?? []
    let places = Rule.unsafeAllowed.map { String($0.place.split(separator: "/")[1]) }
    #expect(Set(places).subtracting(["Benchmark"]) == Set(tested))
  }

  private func report(_ findings: [Finding]) {
    for finding in findings { print(finding) }
    #expect(findings.isEmpty, "\(findings.count) findings, printed above as file:line: error")
  }
}
