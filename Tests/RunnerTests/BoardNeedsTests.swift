import SuiteLanguage
import Testing

@testable import Runner

/// What boards ask for decides how many cases run side by side.
struct BoardNeedsTests {
  /// A run of a case with so many processes of a board, on a machine of 4 processors and 8 GiB.
  private func configuration(processes: Int, needs: String) throws -> RunConfiguration {
    let board = """
      format: 1
      board: b
      arch: host
      simulator: x
      launch: {program: a}
      \(needs)

      """
    let suite = """
      format: 1
      suite: s
      topology:
        nodes:
          rc: {model: root-complex}
      \((0..<processes).map { "    p\($0): {board: b}" }.joined(separator: "\n"))
      cases:
        c: {steps: [{note: {text: x}}]}

      """
    let result = SuiteLoader.load(path: "s.yaml", bytes: Array(suite.utf8))
    let plan = try #require(result.plan, "\(result.diagnostics.map(\.message))")
    let loaded = BoardLoader.load(path: "b.yaml", bytes: Array(board.utf8))
    var configuration = RunConfiguration(
      suites: [LoadedSuite(path: "s.yaml", text: Array(suite.utf8), plan: plan)],
      cases: [SelectedCase(suite: 0, instance: 0)], seed: 0, isSeedGiven: true, slots: 4, product: "p")
    configuration.memory = 8 << 30
    configuration.places.boards["b"] = LoadedBoard(
      path: "b.yaml", text: [], board: try #require(loaded.board, "\(loaded.diagnostics.map(\.message))"))
    return configuration
  }

  @Test(arguments: [
    (1, "", CaseWeight(slots: 1, memory: 0)),
    (1, "needs: {cores: 2, memory: 1GiB}", CaseWeight(slots: 2, memory: 1 << 30)),
    (2, "needs: {cores: 2, memory: 1GiB}", CaseWeight(slots: 4, memory: 2 << 30)),
    (3, "needs: {cores: 2, memory: 4GiB}", CaseWeight(slots: 4, memory: 8 << 30)),
    (0, "needs: {cores: 2, memory: 4GiB}", CaseWeight(slots: 1, memory: 0)),
  ])
  func aCaseWeighsWhatItsBoardsNeed(processes: Int, needs: String, weight: CaseWeight) throws {
    #expect(try configuration(processes: processes, needs: needs).weight(0) == weight)
  }
}
