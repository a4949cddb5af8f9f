import Testing

@testable import Reports

@Suite("Text tables")
struct TextTableTests {
  @Test("columns are as wide as they must be, and the flexible one takes the rest")
  func layout() {
    var table = TextTable([
      TextTable.Column("id"), TextTable.Column("n", isNumber: true),
      TextTable.Column("text", isFlexible: true),
    ])
    table.add(heading: "first")
    table.add(["dll.lcrc", "7", "one two three four five six seven eight"])
    table.add(["x", "1024", "short\nand below"])
    #expect(
      table.lines(width: 40) == [
        "id           n  text", "", "first", "dll.lcrc     7  one two three four five",
        "                six seven eight", "x         1024  short", "                and below",
      ])
    #expect(table.lines(width: 200)[3] == "dll.lcrc     7  one two three four five six seven eight")
  }

  @Test("a terminal that is too narrow still gets whole words")
  func narrow() {
    var table = TextTable([TextTable.Column("a"), TextTable.Column("b", isFlexible: true)])
    table.add(["aaaaaaaaaaaaaaaaaaaaaaaa", "twelve words here"])
    #expect(
      table.lines(width: 10) == [
        "a                         b", "aaaaaaaaaaaaaaaaaaaaaaaa  twelve words here",
      ])
  }

  @Test(
    "cells break between words, long words break anywhere",
    arguments: [
      ("", 5, [""]), ("ab cd", 5, ["ab cd"]), ("ab cde", 5, ["ab", "cde"]),
      ("abcdefgh ij", 3, ["abc", "def", "gh", "ij"]), ("a\n\nb", 3, ["a", "", "b"]),
      ("ab  cd", 9, ["ab cd"]),
    ] as [(String, Int, [String])])
  func breaks(cell: String, width: Int, lines: [String]) {
    #expect(TextTable.broken(cell, width) == lines)
  }

  @Test("a cell with a maximum goes on below")
  func maximum() {
    var table = TextTable([TextTable.Column("", widthMax: 5), TextTable.Column("")])
    table.add(["ab cd ef", "x"])
    #expect(table.lines(width: 80) == ["ab cd  x", "ef"])
  }

  @Test("what could drive a terminal is left out")
  func clean() {
    var table = TextTable([TextTable.Column("")])
    table.add(["a\u{1b}[31mb"])
    #expect(table.lines(width: 80) == ["ab"])
  }
}
