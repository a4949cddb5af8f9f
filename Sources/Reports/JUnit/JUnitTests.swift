import RunEvents

/// The tests that programs of a case told of on their consoles, as entries of the report.
struct JUnitTests {
  /// An entry, and what it counts as.
  struct Element {
    let bytes: [UInt8]
    let outcome: TestRecord.Outcome
  }

  let elements: [Element]

  /// An entry is named after case, node and test; a second one of the same name has a number.
  ///
  /// Twister takes entries of one name for one, and GitLab drops all but the first.
  init(_ log: CaseLog, of suite: String) {
    var seen: [String: Int] = [:]
    elements = log.tests.map { test in
      let name = "\(log.started.id)/\(test.node)/\(test.name)"
      let number = seen[name, default: 0] + 1
      seen[name] = number
      return Element(
        bytes: Self.bytes(test, number == 1 ? name : "\(name)#\(number)", suite), outcome: test.outcome)
    }
  }

  private static func bytes(_ test: TestRecord, _ name: String, _ suite: String) -> [UInt8] {
    var bytes = Array("  <testcase".utf8)
    let isSkip = test.outcome == .skipped
    XMLText.attribute("classname", suite, to: &bytes)
    XMLText.attribute("name", name, to: &bytes)
    XMLText.attribute(
      "time", Format.seconds(nanoseconds: isSkip ? 0 : test.nanoseconds ?? 0, decimals: 3), to: &bytes)
    switch test.outcome {
    case .passed: bytes.append(contentsOf: "/>\n".utf8)
    case .failed: add("failure", test, "failed on \(test.node)", to: &bytes)
    case .skipped: add("skipped", test, "skipped on \(test.node)", to: &bytes)
    }
    return bytes
  }

  private static func add(_ element: String, _ test: TestRecord, _ message: String, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: ">\n   <\(element) type=\"test\"".utf8)
    XMLText.attribute("message", test.lines.first ?? message, to: &bytes)
    if test.outcome == .skipped || test.lines.isEmpty {
      bytes.append(contentsOf: "/>\n  </testcase>\n".utf8)
    } else {
      bytes.append(contentsOf: ">".utf8)
      XMLText.content("\n" + test.lines.joined(separator: "\n") + "\n", to: &bytes)
      bytes.append(contentsOf: "</\(element)>\n  </testcase>\n".utf8)
    }
  }
}
