import Testing

@testable import Nodes

@Suite struct ConsoleTests {
  private func console(_ pieces: String...) -> Console {
    var console = Console()
    for (index, piece) in pieces.enumerated() { console.append(Array(piece.utf8), at: time(index)) }
    return console
  }

  private func time(_ index: Int) -> MonotonicInstant { MonotonicInstant(nanoseconds: UInt64(index) * 1000) }

  private func expect(
    _ console: inout Console, _ pattern: ConsolePattern, _ wanted: [Bool],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let seen = wanted.map { _ in console.claim(pattern) }
    #expect(seen == wanted, "\(pattern.text)", sourceLocation: sourceLocation)
  }

  @Test func linesAreMadeOfPiecesOfAnySize() {
    let whole = "boot\r\nversion 4\nready> "
    for size in 1...whole.utf8.count {
      var console = Console()
      let bytes = Array(whole.utf8)
      for start in stride(from: 0, to: bytes.count, by: size) {
        console.append(Array(bytes[start..<min(start + size, bytes.count)]), at: time(start))
      }
      #expect(console.last(10).map(\.text) == ["boot", "version 4", "ready> "])
    }
  }

  @Test func linesHaveTheTimeOfTheirFirstByte() {
    var console = console("a", "b\nc", "\nd\n")
    let head = console.takeHead()
    #expect(head.map(\.time) == [time(0), time(1), time(2)])
  }

  @Test(arguments: [
    ("\u{1b}[1;32muart:~$ \u{1b}[m", "uart:~$ "), ("a\0b\r", "ab"), ("\u{1b}]0;title\u{7}x", "x"),
    ("\u{1b}]0;t\u{1b}\\y", "y"), ("\u{1b}(Bz", "z"), ("\u{1b}Mq", "q"), ("\u{1b}", ""), ("\u{1b}[12", ""),
    ("tab\tstays", "tab\tstays"), ("bell\u{7}", "bell"), ("größe", "größe"),
  ])
  func controlSequencesAreNotSeen(_ raw: String, _ seen: String) {
    #expect(ConsoleText.clean(Array(raw.utf8)[...]) == seen)
  }

  @Test func bytesThatAreNoTextAreReplaced() {
    #expect(ConsoleText.clean([0x61, 0xff, 0x62]) == "a\u{fffd}b")
  }

  @Test func aLineIsClaimedOnceForEachPattern() {
    var console = console("irq 0\nirq 0\ndone\n")
    let irq = ConsolePattern("irq 0")
    expect(&console, irq, [true, true, false])
    expect(&console, ConsolePattern("irq [0-9]"), [true, true, false])
    let isReady = console.claim(irq, for: "ready")
    #expect(isReady)
    console.append(Array("irq 0\n".utf8), at: time(9))
    expect(&console, irq, [true, false])
  }

  @Test func aPromptIsFoundThoughItsLineHasNoEnd() {
    var console = console("boot\nuart:~$ ")
    expect(&console, ConsolePattern("uart:~\\$ "), [true, false])
  }

  @Test func whatTheRestOfALineCouldUndoWaitsForItsEnd() {
    var console = console("count 1")
    let pattern = ConsolePattern("count 1$")
    expect(&console, pattern, [false])
    console.append(Array("0\n".utf8), at: time(1))
    expect(&console, pattern, [false])
    console.append(Array("count 1\n".utf8), at: time(2))
    expect(&console, pattern, [true])
    #expect(ConsolePattern("a\\b").needsWholeLine && ConsolePattern("a(?!b)").needsWholeLine)
    #expect(!ConsolePattern("\\d+ \\$ vectors").needsWholeLine)
  }

  @Test func plainTextIsFoundAcrossPiecesAndControlSequences() {
    var console = console("Booting Zep", "hyr OS\n")
    expect(&console, ConsolePattern("Booting Zephyr OS"), [true])
    var colored = self.console("Boot\u{1b}[0ming\0 Zephyr\n")
    expect(&colored, ConsolePattern("Booting Zephyr"), [true])
    #expect(!colored.holds(ConsolePattern("zephyr")) && colored.holds(ConsolePattern("[Zz]ephyr")))
  }

  @Test(arguments: [
    ("abc", "abc"), ("^do[n]e", "do"), ("a|b", nil), ("x(a|b)yz", "yz"), ("ab*cd", "cd"), ("ab+cd", "ab"),
    ("ab?", "a"), ("abc{0,2}d", "ab"), ("\\d+ vectors", " vectors"), ("1\\.5", "1.5"), ("(?i)abc", nil),
    ("[]x]", nil), ("[\\]a]bc", "bc"), ("(?:ab)c", "c"), (".*", nil),
  ])
  func whatEveryMatchHoldsIsLookedForFirst(_ text: String, _ needle: String?) {
    #expect(ConsolePattern(text).needle.map { String(decoding: $0, as: UTF8.self) } == needle)
  }

  @Test func aBrokenExpressionIsNotUsable() {
    #expect(!ConsolePattern("a{2,1}").isUsable)
    #expect(ConsolePattern("a+").isUsable && ConsolePattern("a").isUsable)
  }

  @Test func aConsoleThatIsTooLongKeepsItsEndAndTellsWhatWasLeftOut() {
    var console = Console()
    var line = 0
    while console.droppedBytes == 0 || line < 400_000 {
      console.append(Array("line \(line)\n".utf8), at: time(line))
      line += 1
    }
    #expect(console.byteCount - console.droppedBytes <= UInt64(2 * ConsoleBuffer.bytesKept))
    #expect(
      console.byteCount - console.droppedBytes >= UInt64(ConsoleBuffer.bytesKept - ConsoleBuffer.lineMax))
    #expect(console.last(2).map(\.text) == ["line \(line - 2)", "line \(line - 1)"])
    #expect(!console.holds(ConsolePattern("line 0")))
    let tail = console.takeTail()
    #expect(tail.count == Console.tailLines)
    #expect(tail[0].omittedBytes > 0 && tail.last?.text == "line \(line - 1)")
  }

  @Test func linesAreToldAsTheyComeAndThenOnlyTheLastOnes() {
    var console = Console()
    for index in 0..<5000 { console.append(Array("line \(index)\n".utf8), at: time(index)) }
    let heads = [console.takeHead(), console.takeHead()]
    #expect(heads.map(\.count) == [Console.headLines, 0])
    let tail = console.takeTail()
    #expect(tail.first?.text == "line 4800" && tail.last?.text == "line 4999")
    let left = (Console.headLines..<4800).reduce(0) { $0 + "line \($1)\n".utf8.count }
    #expect(tail.first?.omittedBytes == UInt64(left))
    let rest = console.takeTail()
    #expect(rest.isEmpty)
  }

  @Test func aLineWithoutEndCountsAsSeveral() {
    var console = Console()
    let piece = [UInt8](repeating: 0x78, count: 100_000)
    for index in 0..<100 { console.append(piece, at: time(index)) }
    #expect(console.byteCount == 10_000_000)
    #expect(console.byteCount - console.droppedBytes <= UInt64(2 * ConsoleBuffer.bytesKept))
    #expect(console.last(3).allSatisfy { $0.text.utf8.count <= ConsoleBuffer.lineMax })
    expect(&console, ConsolePattern("y"), [false])
    console.append(Array("y".utf8), at: time(100))
    expect(&console, ConsolePattern("y"), [true])
  }

  @Test func theRestOfTheConsoleIsToldWithItsUnfinishedLine() {
    var console = console("one\ntwo")
    let told = [console.takeHead(), console.takeTail()]
    #expect(told.map { $0.map(\.text) } == [["one"], ["two"]])
  }
}

/// Lines that are found by their beginning.
struct ConsoleLineTests {
  private func console(_ text: String) -> Console {
    var console = Console()
    console.append(Array(text.utf8), at: .now)
    return console
  }

  @Test func aLineIsFoundByItsBeginningOnceItIsWhole() {
    var console = console("#1 before\n")
    console.await(lineBeginningWith: "#1 ")
    console.await(lineBeginningWith: "#2 ")
    console.append(Array("not #1 this\n#1 ok 00\n#1 ok 11\n#2 o".utf8), at: .now)
    let first = [
      console.takeAwaited(lineBeginningWith: "#1 "), console.takeAwaited(lineBeginningWith: "#1 "),
    ]
    #expect(first == ["#1 ok 00", nil])
    let open = console.takeAwaited(lineBeginningWith: "#2 ")
    console.append(Array("k 22\n".utf8), at: .now)
    let whole = console.takeAwaited(lineBeginningWith: "#2 ")
    #expect(open == nil && whole == "#2 ok 22")
  }

  @Test(arguments: [0, 20, 40], [0, 20, 40, 400])
  func aLineIsFoundBetweenFloods(before: Int, behind: Int) {
    var console = Console()
    let flood = Array(String(repeating: "flood\n", count: 10_000).utf8)
    console.await(lineBeginningWith: "#1 ")
    for _ in 0..<before { console.append(flood, at: .now) }
    console.append(Array("#1 ok\nflood\n".utf8), at: .now)
    for _ in 0..<behind { console.append(flood, at: .now) }
    let line = console.takeAwaited(lineBeginningWith: "#1 ")
    #expect(line == "#1 ok")
  }
}
