import Testing

@testable import SuiteLanguage

/// A mistake for each rule of topology, steps, faults and matrices, and the head line that names it.
struct CheckTests {
  /// Steps or faults put into a case of a suite that has one of everything.
  static func suite(steps: String = "", faults: String = "", nodes: String = "", links: String = "") -> String
  {
    """
    format: 1
    suite: s
    topology:
      nodes:
        rc: {model: root-complex, memory: 64KiB}
        sw: {model: switch}
        mem: {model: memory-mock, msix: 4, bars: {bar0: 128B, bar2: {size: 4KiB, bits: 64}, bar4: {size: 16B, space: io}}}
        ep: {model: dma-endpoint, msi: 2}
        vm: {board: b, role: endpoint}
    \(nodes)
      links:
        l0: {upstream: rc, downstream: sw}
        l1: {upstream: sw, downstream: mem, width: 4}
        l2: {upstream: sw, downstream: ep}
        l3: {upstream: rc, downstream: vm}
    \(links)
    cases:
      c:
        faults: [\(faults)]
        steps: [\(steps)]

    """
  }

  static let steps = Example.mistakes("steps", lines: 2)

  @Test(arguments: steps)
  func step(mistake: [String]) {
    let (text, head) = (mistake[0], mistake[1])
    let heads = Example.heads(Self.suite(steps: "{\(text)}"))
    #expect(heads.count == 1 && heads.first?.contains(": \(head)") == true, "\(heads)")
  }

  static let faults = Example.mistakes("faults", lines: 2)

  @Test(arguments: faults)
  func fault(mistake: [String]) {
    let (text, head) = (mistake[0], mistake[1])
    let heads = Example.heads(Self.suite(faults: "{\(text)}"))
    #expect(heads.count == 1 && heads.first?.contains(": \(head)") == true, "\(heads)")
  }

  static let topologies = Example.mistakes("topologies", lines: 3)

  @Test(arguments: topologies)
  func topology(mistake: [String]) {
    let (nodes, links, head) = (mistake[0], mistake[1], mistake[2])
    let heads = Example.heads(
      Self.suite(nodes: nodes.isEmpty ? "" : "    " + nodes, links: links.isEmpty ? "" : "    " + links))
    #expect(heads.count == 1 && heads.first?.hasSuffix(": \(head)") == true, "\(heads)")
  }

  @Test func linksOfOneProgramNeedVariablesOfTheirOwn() {
    func heads(_ links: String) -> [String] {
      Example.heads(
        """
        format: 1
        suite: s
        topology:
          nodes:
            host: {board: b, role: root-complex}
            a: {model: memory-mock}
            b: {model: memory-mock}
          links:
            l-a: {upstream: host, downstream: a}
            \(links): {upstream: host, downstream: b}
        cases:
          c: {steps: [{note: {text: x}}]}

        """)
    }
    #expect(
      heads("l_a") == [
        "10:5: the program of 'host' would find link 'l_a' in the variable PCIE_LINK_L_A, as 'l-a'; "
          + "give one of them another name [topology.wire]"
      ])
    #expect(heads("l-b") == [])
  }

  static let matrices = Example.mistakes("matrices", lines: 2)

  @Test(arguments: matrices)
  func caseKeys(mistake: [String]) {
    let (text, head) = (mistake[0], mistake[1])
    let suite = """
      format: 1
      suite: s
      matrix: {s: [a]}
      topology:
        nodes:
          rc: {model: root-complex}
      cases:
        c:
          steps: []
          \(text)

      """
    let heads = Example.heads(suite.replacing("\n    exclude", with: "\n    exclude"))
    #expect(heads.count == 1 && heads.first?.contains(": \(head)") == true, "\(heads)")
  }

  @Test func aMatrixValueOfTheWrongTypeIsShownWhereItStands() {
    let suite = Self.suite(steps: "{mem_read: {by: rc, address: 0x0, length: $n}}")
      .replacing("  c:\n", with: "  c:\n    matrix: {n: [4B, 8]}\n")
    let result = Example.load(suite)
    #expect(result.diagnostics.map(\.message) == ["size '8' has no unit; write '8B'"])
    #expect(result.diagnostics.first?.span.start == SourcePosition(line: 19, column: 22))
    #expect(result.diagnostics.first?.notes.first?.message == "used as 'length' at 21:55")
  }

  @Test func hopelessSizesAreRefusedBeforeTheyCostTime() {
    let many = (0..<300).map { "    n\($0): {model: memory-mock}" }.joined(separator: "\n")
    #expect(
      Example.heads(Self.suite(nodes: many)).first?.hasSuffix(
        "the topology has 305 nodes or links; 256 is the most a hierarchy holds [topology.size]") == true)
    let values = (0..<100).map { "v\($0)" }.joined(separator: ", ")
    let keys = ["a", "b", "c"].map { "\($0): [\(values)]" }.joined(separator: ", ")
    let wide = Self.suite().replacing("  c:\n", with: "  c:\n    matrix: {\(keys)}\n")
    #expect(Example.heads(wide).map { $0.hasSuffix("[suite.matrix]") } == [true])
    let twice = Self.suite().replacing(
      "topology:", with: "matrix: {x: [\(values)], y: [\(values)]}\ntopology:"
    )
    .replacing("  c:\n", with: "  c:\n    matrix: {a: [\(values)]}\n")
    #expect(Example.heads(twice).map { $0.hasSuffix("[suite.matrix]") } == [true])
  }

  @Test func formatComesFirstAndIsKnown() {
    #expect(Example.heads("suite: s\nformat: 1\n").contains { $0.hasSuffix("[suite.format]") })
    #expect(
      Example.heads("format: 2\nanything: else\n") == [
        "1:9: format '2' is not known; this version reads format 1 [suite.format]"
      ])
    #expect(Example.heads("format: 1\nsuite: s\ncases: {}\n").contains { $0.contains("[suite.no-cases]") })
  }
}
