import RunEvents

/// A suite of the report: the counts, and its cases already rendered.
struct JUnitSuite: Sendable {
  private let suite: SuiteSummary
  /// The attributes and properties that do not change.
  private let attributes: [UInt8]
  private let properties: [UInt8]
  /// The rendered cases by their place in the plan.
  private var cases: [(instance: Int, bytes: [UInt8])] = []
  /// Those elements that are tests of a case.
  private var tests = 0
  private var failures = 0
  private var errors = 0
  private var skipped = 0
  private var nanoseconds: UInt64 = 0

  init(_ suite: SuiteSummary, of run: RunStarted, options: JUnitOptions) {
    self.suite = suite
    var attributes: [UInt8] = []
    XMLText.attribute("timestamp", options.timestamp, to: &attributes)
    XMLText.attribute("hostname", options.hostname, to: &attributes)
    self.attributes = attributes
    properties = Self.properties(suite, of: run, options: options)
  }

  private static func properties(_ suite: SuiteSummary, of run: RunStarted, options: JUnitOptions) -> [UInt8]
  {
    var bytes = Array("  <properties>\n".utf8)
    // A property without a value makes Twister write no report at all.
    func add(_ name: String, _ value: String) {
      if value.isEmpty { return }
      bytes.append(contentsOf: "   <property".utf8)
      XMLText.attribute("name", name, to: &bytes)
      XMLText.attribute("value", value, to: &bytes)
      bytes.append(contentsOf: "/>\n".utf8)
    }
    var architectures: [String] = []
    for architecture in suite.boards.compactMap(\.architecture) where !architectures.contains(architecture) {
      architectures.append(architecture)
    }
    add("version", run.product)
    add("platform", suite.boards.isEmpty ? "in-process" : suite.boards.map(\.name).joined(separator: ","))
    add("architecture", architectures.isEmpty ? options.architecture : architectures.joined(separator: ","))
    add("seed", Format.hexadecimal(run.seed))
    for board in suite.boards { add("board.\(board.name)", board.version ?? "") }
    add("partition", run.partition ?? "")
    bytes.append(contentsOf: "  </properties>\n".utf8)
    return bytes
  }

  mutating func add(_ bytes: [UInt8], _ outcome: CaseOutcome, instance: Int) {
    insert(bytes, instance)
    switch outcome.verdict {
    case .passed: break
    case .failed: failures += 1
    case .error: errors += 1
    case .skipped:
      skipped += 1
      return
    }
    nanoseconds &+= outcome.shownNanoseconds
  }

  /// Adds a test that a case was told of, behind that.
  mutating func add(_ bytes: [UInt8], _ outcome: TestRecord.Outcome, instance: Int) {
    insert(bytes, instance)
    tests += 1
    switch outcome {
    case .passed: break
    case .failed: failures += 1
    case .skipped: skipped += 1
    }
  }

  private mutating func insert(_ bytes: [UInt8], _ instance: Int) {
    let place = cases.lastIndex { $0.instance <= instance }.map { $0 + 1 } ?? 0
    cases.insert((instance, bytes), at: place)
  }

  func render(into bytes: inout [UInt8]) {
    let missing = max(0, suite.cases - (cases.count - tests))
    let unknown = missing > 0 ? 1 : 0
    bytes.append(contentsOf: " <testsuite".utf8)
    XMLText.attribute("name", suite.name, to: &bytes)
    XMLText.attribute("tests", String(cases.count + unknown), to: &bytes)
    XMLText.attribute("failures", String(failures), to: &bytes)
    XMLText.attribute("errors", String(errors + unknown), to: &bytes)
    XMLText.attribute("skipped", String(skipped), to: &bytes)
    XMLText.attribute("time", Format.seconds(nanoseconds: nanoseconds, decimals: 3), to: &bytes)
    bytes.append(contentsOf: attributes)
    bytes.append(contentsOf: ">\n".utf8)
    bytes.append(contentsOf: properties)
    for element in cases { bytes.append(contentsOf: element.bytes) }
    if missing > 0 { bytes.append(contentsOf: missingElement(missing)) }
    bytes.append(contentsOf: " </testsuite>\n".utf8)
  }

  /// The case that stands for all that have no verdict; no case can have its name.
  private func missingElement(_ missing: Int) -> [UInt8] {
    var bytes = Array("  <testcase".utf8)
    XMLText.attribute("classname", suite.name, to: &bytes)
    XMLText.attribute("name", "\(suite.name).(no result)", to: &bytes)
    bytes.append(contentsOf: " time=\"0.000\">\n   <error type=\"harness\"".utf8)
    let message = "\(missing) of \(Format.count(suite.cases, "case")) without a result"
    XMLText.attribute("message", "\(message); the run was ended early", to: &bytes)
    bytes.append(contentsOf: "/>\n  </testcase>\n".utf8)
    return bytes
  }
}
