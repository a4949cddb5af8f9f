import Foundation
import Testing

/// Does what the README says a reader can do.
@Suite struct ReadmeTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let text = (try? String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)) ?? ""

  /// The first fenced block of a language.
  private func block(_ language: String) throws -> String {
    let head = try #require(Self.text.range(of: "```\(language)\n"))
    let tail = try #require(Self.text.range(of: "\n```", range: head.upperBound..<Self.text.endIndex))
    return String(Self.text[head.upperBound..<tail.lowerBound]) + "\n"
  }

  private func folder() throws -> Folder {
    let folder = try Folder()
    try folder.write("first.yaml", block("yaml"))
    return folder
  }

  /// Times on the wall are not the reader's, and tags depend on how much enumeration had to read.
  private func timeless(_ text: String) -> String {
    text.replacing(/\[ *[0-9.]+s\]/, with: "[time]").replacing(/tag [0-9a-f]{2}/, with: "tag")
  }

  @Test func theSuiteRunsAndFailsWhereItSaysSo() throws {
    let ending = try Program.run("run", "first.yaml", in: folder())
    #expect(ending.status == 1)
    #expect(ending.output.contains("6 cases: 5 passed, 1 failed"), "\(ending.output)")
  }

  @Test func theFailureLooksAsShown() throws {
    let shown = try block("console")
    let lines = shown.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    let command = lines[0].dropFirst("$ pcie-harness ".count).split(separator: " ").map(String.init)
    let ending = try Program(command, in: folder()).wait()
    #expect(timeless(ending.output) == timeless(String(lines[1])))
  }

  @Test func everyCommandOfTheTableExists() throws {
    let commands = Self.text.matches(of: /\n\| `([a-z]+)[^`]*` \|/).map { String($0.1) }
    #expect(commands.count >= 7)
    for command in commands {
      let ending = try Program.run(command, "--help", in: folder())
      #expect(ending.status == 0, "\(command)")
    }
  }

  @Test(arguments: ["run", "test"]) func makeKnowsItsGoals(_ goal: String) throws {
    #expect(Self.text.contains("$ make \(goal)"))
    let ending = try Program.shell(
      "make -n -C '\(Self.root.path(percentEncoded: false))' \(goal)", in: folder())
    #expect(ending.status == 0, "\(ending.errors)")
  }

  @Test func theSuiteStaysWithinOneScreen() throws {
    #expect(try block("yaml").split(separator: "\n").count <= 30)
  }
}
