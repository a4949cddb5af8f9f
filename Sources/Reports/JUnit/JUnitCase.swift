import RunEvents

/// A case of the report.
struct JUnitCase {
  let ending: RunState.Ending
  let suite: SuiteSummary
  let clock: Clock
  let options: JUnitOptions

  private var outcome: CaseOutcome { ending.outcome }

  /// The element of the case; a pass has no children.
  func bytes(retried: [JUnitCase]) -> [UInt8] {
    var bytes = Array("  <testcase".utf8)
    let isSkip = if case .skipped = outcome.verdict { true } else { false }
    let time = Format.seconds(nanoseconds: isSkip ? 0 : outcome.shownNanoseconds, decimals: 3)
    XMLText.attribute("classname", suite.name, to: &bytes)
    XMLText.attribute("name", ending.log.started.id, to: &bytes)
    XMLText.attribute("time", time, to: &bytes)
    if outcome.verdict.isRed {
      let span = outcome.failure?.step?.span ?? ending.log.step?.span ?? ending.log.started.span
      XMLText.attribute("file", span.file ?? suite.path, to: &bytes)
      XMLText.attribute("line", String(span.line), to: &bytes)
    }
    let isFlaky = outcome.verdict == .passed || outcome.verdict == .failed(.flaky)
    var children = result(text: text + (options.tellsTries ? "" : Self.text(of: retried)))
    if options.tellsTries { children += retried.flatMap { $0.retriedElement(isFlaky: isFlaky) } }
    children += attachments
    if children.isEmpty {
      bytes.append(contentsOf: "/>\n".utf8)
    } else {
      bytes.append(contentsOf: ">\n".utf8)
      bytes.append(contentsOf: children)
      bytes.append(contentsOf: "  </testcase>\n".utf8)
    }
    return bytes
  }

  /// The element of a failed try, as surefire names it: before a pass it is flaky, before a failure a rerun.
  private func retriedElement(isFlaky: Bool) -> [UInt8] {
    let isError = if case .error = outcome.verdict { true } else { false }
    return element((isFlaky ? "flaky" : "rerun") + (isError ? "Error" : "Failure"), text: text)
  }

  /// The tries before, for readers that know one element per case.
  private static func text(of retried: [JUnitCase]) -> String {
    retried.reduce(into: "") { $0 += "\n    try \($1.ending.log.attempt)\($1.text)" }
  }

  private func result(text: String) -> [UInt8] {
    switch outcome.verdict {
    case .passed: []
    case .failed: element("failure", text: text)
    case .error: element("error", text: text)
    case .skipped: element("skipped", text: "")
    }
  }

  private func element(_ name: String, text: String) -> [UInt8] {
    var bytes = Array("   <\(name)".utf8)
    XMLText.attribute("type", outcome.verdict.type ?? "", to: &bytes)
    XMLText.attribute(
      "message", outcome.message.isEmpty ? outcome.verdict.type ?? "" : outcome.message, to: &bytes)
    if text.isEmpty {
      bytes.append(contentsOf: "/>\n".utf8)
    } else {
      bytes.append(contentsOf: ">".utf8)
      XMLText.content(text, to: &bytes)
      bytes.append(contentsOf: "</\(name)>\n".utf8)
    }
    return bytes
  }

  private var attachments: [UInt8] {
    guard outcome.verdict.isRed else { return [] }
    let base = options.attachmentBase.map { $0 + "/" } ?? ""
    // Jenkins takes a whole line only.
    var lines = (outcome.failure?.captures ?? []).map { "[[ATTACHMENT|\(base)\($0)]]" }
    if !options.namesAttachments { lines = [] }
    lines += outcome.failure?.minimal?.lines ?? []
    if lines.isEmpty { return [] }
    var bytes = Array("   <system-out>".utf8)
    XMLText.content("\n" + lines.joined(separator: "\n") + "\n", to: &bytes)
    bytes.append(contentsOf: "</system-out>\n".utf8)
    return bytes
  }

  /// The block that the terminal shows, then the consoles that are longer than it shows.
  private var text: String {
    let block = FailureBlock(
      suite: suite, clock: clock, log: ending.log, outcome: outcome,
      outputDirectory: options.outputDirectory)
    var lines = block.lines.map(\.text)
    for node in ending.log.consoles.keys.sorted() {
      guard let console = ending.log.consoles[node], console.count > FailureBlock.consoleLinesMax else {
        continue
      }
      lines += ["", "    console \(node), all of \(console.count) lines"]
      lines += console.head.map { "      " + $0.text }
      let omitted = console.count - console.head.count - console.tail.count
      if omitted > 0 { lines.append("      … \(omitted) lines left out …") }
      lines += console.tail.map { "      " + $0.text }
    }
    return "\n" + lines.joined(separator: "\n") + "\n"
  }
}
