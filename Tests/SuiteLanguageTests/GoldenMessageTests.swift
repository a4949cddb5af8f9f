import Testing

@testable import SuiteLanguage

/// One mistake put into an example, and the whole text a person sees.
struct GoldenMessageTests {
  @Test func misspeltKey() throws {
    let text = try Example.edited(
      "dma", "mem_write: {by: rc, to: mem.bar1, offset: $offset,",
      "mem_write: {by: rc, offest: $offset, to: mem.bar1,")
    #expect(
      Example.messages(text, path: "Suites/dma.yaml") == """
        Suites/dma.yaml:23:29: error: unknown key 'offest' in mem_write; did you mean 'offset'?   [suite.unknown-key]
         23 |       - mem_write: {by: rc, offest: $offset, to: mem.bar1, data: {random: $length}, save: sent}
            |                             ^^^^^^
            note: mem_write takes by, to, offset, address, data, save

        """)
  }

  @Test func sizeWithoutUnit() throws {
    let text = try Example.edited("dma", "bar1: 2KiB", "bar1: 2048")
    #expect(
      Example.messages(text, path: "Suites/dma.yaml") == """
        Suites/dma.yaml:12:56: error: size '2048' has no unit; write '2048B' or '2KiB'   [scalar.unit]
         12 |     mem: {model: memory-mock, bars: {bar0: 128B, bar1: 2048}, msix: 4}
            |                                                        ^^^^

        """)
  }

  @Test func unknownLink() throws {
    let text = try Example.edited("dma", "drop: {link: l0, tlp: CplD", "drop: {link: l1, tlp: CplD")
    #expect(
      Example.messages(text, path: "Suites/dma.yaml") == """
        Suites/dma.yaml:44:22: error: no link named 'l1'; links here: l0   [suite.unknown-name]
         44 |       - drop: {link: l1, tlp: CplD, nth: 1}
            |                      ^^

        """)
  }

  @Test func misspeltReference() throws {
    let text = try Example.edited("pipe", "board: $client_board", "board: $clientboard")
    #expect(
      Example.messages(text, path: "Suites/pipe.yaml") == """
        Suites/pipe.yaml:25:21: error: '$clientboard' is not a matrix key; did you mean '$client_board'?   [suite.unknown-reference]
         25 |     client: {board: $clientboard, image: $client_board, role: root-complex}
            |                     ^^^^^^^^^^^^
            note: in reach here: $client_board

        """)
  }

  @Test func pastTheBar() throws {
    let text = try Example.edited("dma", "0x3fd]", "0x7fd]")
    #expect(
      Example.messages(text, path: "Suites/dma.yaml") == """
        Suites/dma.yaml:23:9: error: in write-read[length=1KiB,offset=0x7fd]: 1024 B at 0x7fd end past mem.bar1 (2048 B)   [suite.out-of-bar]
         23 |       - mem_write: {by: rc, to: mem.bar1, offset: $offset, data: {random: $length}, save: sent}
            |         ^^^^^^^^^
            note: add {length: 1KiB, offset: 0x7fd} to exclude, or grow bar1 (12:50)
            note: the same in 3 more instances of the case
        Suites/dma.yaml:24:9: error: in write-read[length=1KiB,offset=0x7fd]: 1024 B at 0x7fd end past mem.bar1 (2048 B)   [suite.out-of-bar]
         24 |       - mem_read:  {by: rc, from: mem.bar1, offset: $offset, length: $length, expect: {data: {saved: sent}}}
            |         ^^^^^^^^
            note: add {length: 1KiB, offset: 0x7fd} to exclude, or grow bar1 (12:50)
            note: the same in 3 more instances of the case

        """)
  }

  @Test func tabInIndentation() throws {
    let text = try Example.edited("amu", "\ntopology:\n  nodes:", "\ntopology:\n\tnodes:")
    #expect(
      Example.messages(text, path: "Suites/amu.yaml") == """
        Suites/amu.yaml:9:1: error: tab in indentation; this format allows spaces only   [yaml.tab]
         9 |  nodes:
           | ^

        """)
  }

  @Test func duplicateID() throws {
    let text = try Example.edited("pipe", "  qemu_x86_64:\n", "  server:\n")
    let heads = Example.heads(text)
    #expect(heads.first == "12:3: 'server' is defined twice; first at 9:3 [yaml.duplicate-key]")
  }

  @Test func everythingOfAFileAtOnceUpToTwenty() throws {
    var text = try Example.text("dma")
    text += (0..<30).map { "  c\($0):\n    stepz: []\n" }.joined()
    let result = Example.load(text)
    #expect(result.plan == nil)
    #expect(result.diagnostics.count == 21)
    #expect(result.diagnostics.last?.message.hasPrefix("10 more errors") == true)
    #expect(result.diagnostics.map(\.span) == result.diagnostics.map(\.span).sorted())
  }
}
