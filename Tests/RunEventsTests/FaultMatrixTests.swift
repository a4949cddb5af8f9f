import RunEvents
import Testing

@Suite("Matrix of faults")
struct FaultMatrixTests {
  private static let cells = [
    FaultCell(fault: "tlp.delay", tlp: "MRd", outcome: .recovered, count: 2),
    FaultCell(fault: "cpl.timeout", tlp: "CplD", outcome: .reported),
    FaultCell(fault: "cpl.timeout", tlp: "CplD", outcome: .failed),
    FaultCell(fault: "tlp.delay", tlp: "MRd", outcome: .recovered, count: 3),
    FaultCell(fault: "tlp.delay", tlp: "CplD", outcome: .linkLost, count: 0),
  ]

  @Test("cells of one place add up, empty ones are left out, and the order is fixed")
  func cells() {
    #expect(
      FaultMatrix(Self.cells).cells == [
        FaultCell(fault: "cpl.timeout", tlp: "CplD", outcome: .failed),
        FaultCell(fault: "cpl.timeout", tlp: "CplD", outcome: .reported),
        FaultCell(fault: "tlp.delay", tlp: "MRd", outcome: .recovered, count: 5),
      ])
  }

  @Test("adding gives the same in any order")
  func order() {
    let parts = Self.cells.map { FaultMatrix([$0]) }
    var forward = FaultMatrix()
    var backward = FaultMatrix()
    for part in parts { forward.add(part) }
    for part in parts.reversed() { backward.add(part) }
    #expect(forward == backward)
    #expect(forward == FaultMatrix(Self.cells))
    #expect(forward.cells == backward.cells)
  }

  @Test("a sum that does not fit stays at the most")
  func overflow() {
    var matrix = FaultMatrix([FaultCell(fault: "a", tlp: "-", outcome: .failed, count: .max)])
    matrix.add(FaultCell(fault: "a", tlp: "-", outcome: .failed))
    #expect(matrix.cells.map(\.count) == [.max])
  }

  @Test("tallies of several runs add their matrices")
  func tallies() {
    var tally = FaultTally(injected: 1, matrix: FaultMatrix([Self.cells[1]]))
    tally.add(FaultTally(injected: 1, detected: 1, matrix: FaultMatrix([Self.cells[1]])))
    #expect(tally.injected == 2)
    #expect(
      tally.matrix.cells == [FaultCell(fault: "cpl.timeout", tlp: "CplD", outcome: .reported, count: 2)])
  }
}
