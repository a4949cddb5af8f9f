/// A line of a console without what a kernel or a logger puts before the text.
struct TestLine {
  /// The spaces before the text.
  let indent: Int
  let text: Substring

  /// - Complexity: linear in what is left out.
  init(_ line: String) {
    var rest = line[...]
    // Our agent in a guest tells lines of the kernel's log so.
    if rest.hasPrefix("kernel: ") { rest = rest.dropFirst("kernel: ".count) }
    rest = Self.afterTime(rest)
    let text = rest.drop { $0 == " " }
    indent = rest.utf8.count - text.utf8.count
    let end = text.lastIndex { $0 != " " && $0 != "\r" }
    self.text = end.map { text[...$0] } ?? ""
  }

  /// What follows a time in brackets and one space.
  private static func afterTime(_ line: Substring) -> Substring {
    guard line.first == "[", let end = line.firstIndex(of: "]") else { return line }
    let inside = line[line.index(after: line.startIndex)..<end].utf8
    let isTime = inside.allSatisfy { (0x30...0x3a).contains($0) || $0 == 0x20 || $0 == 0x2e || $0 == 0x2c }
    guard isTime, inside.contains(where: { (0x30...0x39).contains($0) }) else { return line }
    let rest = line[line.index(after: end)...]
    return rest.first == " " ? rest.dropFirst() : rest
  }

  /// What follows a beginning; nil where the line begins otherwise.
  func after(_ beginning: String) -> Substring? {
    text.hasPrefix(beginning) ? text.dropFirst(beginning.count) : nil
  }
}
