import SuiteLanguage
import Testing

@testable import Runner

@Suite struct BoardFinderTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func problems(_ node: String, image: String = "") throws -> [String] {
    let text = """
      format: 1
      suite: s
      \(image)
      topology:
        nodes:
          rc: {model: root-complex}
          app: \(node)
      cases:
        a: {steps: [{note: {text: x}}]}

      """
    let result = SuiteLoader.load(path: "\(folder.path)/Suites/s.yaml", bytes: Array(text.utf8))
    let plan = try #require(result.plan, "\(result.diagnostics.map(\.message))")
    var finder = BoardFinder()
    finder.find(for: plan)
    return finder.problems.map { $0.diagnostic.message.replacing(folder.path, with: "F") }
  }

  private func write(_ name: String, board: String? = nil, launch: String = "{program: $image}") throws {
    let text = "format: 1\nboard: \(board ?? name)\narch: host\nsimulator: x\nlaunch: \(launch)\n"
    try folder.write("Boards/\(name).yaml", text)
  }

  @Test func boardsStandBesideTheFolderOfTheSuite() throws {
    try folder.write("Suites/x")
    try write("native")
    #expect(try problems("{board: native, image: fw}", image: "images: {fw: {file: a, hint: b}}") == [])
  }

  @Test func aBoardThatIsNotThereIsToldWithThoseThatAre() throws {
    try folder.write("Suites/x")
    try write("native")
    try write("qemu_x86_64")
    #expect(
      try problems("{board: nativ}") == [
        "no board 'nativ' among those in F/Boards: native, qemu_x86_64; did you mean 'native'?"
      ])
  }

  @Test func aBoardThatRunsAnImageNeedsOne() throws {
    try folder.write("Suites/x")
    try write("native")
    #expect(
      try problems("{board: native}") == [
        "board 'native' runs $image, and 'app' names none; add image: NAME"
      ])
  }

  @Test func whatIsWrongWithABoardIsTold() throws {
    try folder.write("Suites/x")
    try write("native", board: "other")
    #expect(try problems("{board: native}") == ["the file describes board 'other'; rename it to other.yaml"])
    try write("native", launch: "{programm: x}")
    #expect(try problems("{board: native}").first?.contains("'programm'") ?? false)
  }
}
