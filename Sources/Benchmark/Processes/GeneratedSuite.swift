/// Suites of a thousand cases that the process figures run.
enum GeneratedSuite {
  static let caseCount = 1000

  private static let topology = """
    topology:
      nodes:
        rc:  {model: root-complex, memory: 1MiB}
        mem: {model: memory-mock, bars: {bar0: 128B, bar1: 2KiB}, msix: 4}
      links:
        l0: {upstream: rc, downstream: mem, speed: 8GT/s, width: 4, max_payload: 256B}

    """

  /// Cases that do nothing: what is left is the runner.
  static var empty: String { text("empty") { _ in "steps: []" } }

  /// Cases that write, read back and compare, in many places and lengths.
  static var transfers: String {
    text("transfers") { number in
      let offset = "0x" + String(number * 4 % 1024, radix: 16)
      let length = 4 << (number % 8)
      let read = "by: rc, from: mem.bar1, offset: \(offset), length: \(length)B"
      return """
        steps:
              - mem_write: {by: rc, to: mem.bar1, offset: \(offset), data: {random: \(length)B}, save: sent}
              - mem_read: {\(read), expect: {data: {saved: sent}}}
        """
    }
  }

  /// A topology to explore: two endpoints below a switch and one below a root port.
  static let explored = """
    format: 1
    suite: explored
    topology:
      nodes:
        rc:   {model: root-complex, memory: 1MiB}
        sw:   {model: switch}
        mem:  {model: memory-mock, bars: {bar1: 16KiB}, msix: 4}
        dma:  {model: dma-endpoint, msix: 2}
        near: {model: memory-mock, bars: {bar1: 4KiB}, msix: 4}
      links:
        up: {upstream: rc, downstream: sw, speed: 8GT/s, width: 8, max_payload: 256B}
        l0: {upstream: sw, downstream: mem, speed: 8GT/s, width: 4, max_payload: 256B}
        l1: {upstream: sw, downstream: dma, speed: 8GT/s, width: 4, max_payload: 256B}
        l2: {upstream: rc, downstream: near, speed: 16GT/s, width: 4, max_payload: 256B}
    cases:
      blank: {steps: []}

    """

  private static func text(_ name: String, _ body: (Int) -> String) -> String {
    let cases = (0..<caseCount).map { "  case-\($0):\n    \(body($0))\n" }
    return "format: 1\nsuite: \(name)\nseed: 0x1\n\(topology)cases:\n\(cases.joined())"
  }
}
