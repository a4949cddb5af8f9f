/// Suites that the tests write for the program.
enum SuiteText {
  static let topology = """
    topology:
      nodes:
        rc:  {model: root-complex, memory: 1MiB}
        mem: {model: memory-mock, bars: {bar0: 128B, bar1: 2KiB}, msix: 4}
      links:
        l0: {upstream: rc, downstream: mem, speed: 8GT/s, width: 4, max_payload: 256B}

    """

  /// A suite of cases that are given as the lines below `cases:`.
  static func suite(_ name: String, _ cases: String, head: String = "") -> String {
    let body = cases.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()
    return "format: 1\nsuite: \(name)\n\(head)\(topology)cases:\n\(body)"
  }

  static let writeAndRead = """
    write-read:
      matrix:
        length: [4B, 64B, 1KiB]
        offset: [0x0, 0x40]
      steps:
        - mem_write: {by: rc, to: mem.bar1, offset: $offset, data: {random: $length}, save: sent}
        - mem_read: {by: rc, from: mem.bar1, offset: $offset, length: $length, expect: {data: {saved: sent}}}
    read-only:
      steps:
        - mem_read: {by: rc, from: mem.bar0, offset: 0x0, length: 16B, expect: {data: {count: 16B, start: 0x10}}}
    """

  static let green = suite("dma", writeAndRead)

  /// A case that fails at its second step, beside one that passes.
  static let red = suite(
    "red",
    """
    good:
      steps:
        - mem_read: {by: rc, from: mem.bar0, offset: 0x0, length: 4B, expect: {data: {bytes: 10 11 12 13}}}
    bad:
      steps:
        - mem_read: {by: rc, from: mem.bar0, offset: 0x0, length: 4B}
        - mem_read: {by: rc, from: mem.bar0, offset: 0x0, length: 4B, expect: {data: {bytes: ff ff ff ff}}}
    """)
}
