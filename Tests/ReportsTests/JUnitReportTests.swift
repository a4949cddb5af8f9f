import Foundation
import Reports
import RunEvents
import Testing

@Suite("JUnit report")
struct JUnitReportTests {
  static func options(_ change: (inout JUnitOptions) -> Void = { _ in }) -> JUnitOptions {
    var options = JUnitOptions(timestamp: "2026-01-31T12:00:00Z", hostname: "ci-3", architecture: "x86_64")
    change(&options)
    return options
  }

  static func document(_ events: [Event], _ options: JUnitOptions = options()) -> String {
    var report = JUnitReport(options: options)
    for event in events { report.add(event) }
    return String(decoding: report.document(), as: UTF8.self)
  }

  @Test("a document per kind of run", arguments: Streams.all)
  func golden(stream: Stream) throws {
    try Golden.check(Self.document(stream.events), "junit-\(stream.name).xml")
  }

  @Test("tries and attachments are told only when asked for")
  func extras() throws {
    let options = Self.options {
      $0.tellsTries = true
      $0.namesAttachments = true
      $0.attachmentBase = "/builds/harness-out/7f3a"
      $0.outputDirectory = "harness-out/7f3a"
    }
    try Golden.check(Self.document(Streams.flaky, options), "junit-flaky-tries.xml")
    try Golden.check(Self.document(Streams.flakyAllowed, options), "junit-flaky-allowed-tries.xml")
    try Golden.check(Self.document(Streams.failing, options), "junit-failing-attachments.xml")
    #expect(!Self.document(Streams.flakyAllowed).contains("flakyFailure"))
    #expect(!Self.document(Streams.failing).contains("system-out"))
  }

  @Test("tests of a program are told only when asked for, each under a name of its own")
  func testsOfPrograms() throws {
    let options = Self.options { $0.tellsTests = true }
    let document = Self.document(Streams.tests, options)
    try Golden.check(document, "junit-tests-told.xml")
    #expect(!Self.document(Streams.tests).contains("test_read"))
    let cases = try XMLElement.parse(document).children[0].children.filter { $0.name == "testcase" }
    #expect(Set(cases.map { $0.attributes["name"] }).count == cases.count)
    #expect(TwisterPytestReader.read(document).status == .fail)
  }

  @Test("a prefix of any stream is a document that no reader takes for a pass", arguments: Streams.all)
  func killedRun(stream: Stream) throws {
    let events = stream.events
    for count in 1...events.count {
      let document = Self.document(Array(events.prefix(count)))
      let root = try XMLElement.parse(document)
      #expect(root.name == "testsuites")
      for suite in root.children {
        let cases = suite.children.filter { $0.name == "testcase" }
        #expect(suite.attributes["tests"] == String(cases.count))
        for (attribute, element) in [("failures", "failure"), ("errors", "error"), ("skipped", "skipped")] {
          let elements = cases.filter { $0.children.first?.name == element }
          #expect(suite.attributes[attribute] == String(elements.count), "\(attribute) of \(stream.name)")
        }
      }
      let isComplete = count >= events.count - 1 && stream.name != "interrupted"
      if !isComplete {
        #expect(TwisterPytestReader.read(document).status == .error || document.contains("<failure"))
      }
    }
  }

  @Test("rule by rule: what a testcase holds", arguments: Streams.all)
  func rules(stream: Stream) throws {
    for suite in try XMLElement.parse(Self.document(stream.events)).children {
      #expect(suite.name == "testsuite")
      for key in ["name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"] {
        #expect(suite.attributes[key]?.isEmpty == false, "\(key)")
      }
      let properties = suite.children.first?.children ?? []
      let names = properties.compactMap { $0.attributes["name"] }
      #expect(names.starts(with: ["version", "platform", "architecture", "seed"]))
      #expect(properties.allSatisfy { $0.attributes["value"]?.isEmpty == false })
      let cases = suite.children.dropFirst()
      #expect(Set(cases.compactMap { $0.attributes["name"] }).count == cases.count)
      for element in cases { try check(element, in: suite) }
    }
  }

  private func check(_ element: XMLElement, in suite: XMLElement) throws {
    #expect(element.name == "testcase")
    #expect(element.attributes["classname"] == suite.attributes["name"])
    #expect(element.attributes["name"]?.hasPrefix("\(suite.attributes["name"] ?? "?").") == true)
    #expect(element.attributes["time"]?.wholeMatch(of: /[0-9]+\.[0-9]{3}/) != nil)
    #expect(element.children.count <= 1)
    guard let result = element.children.first else { return }
    let types = [
      "failure": FailureType.allCases.map(\.rawValue), "error": ErrorType.allCases.map(\.rawValue),
      "skipped": SkipType.allCases.map(\.rawValue),
    ]
    #expect(types[result.name]?.contains(result.attributes["type"] ?? "") == true)
    let message = try #require(result.attributes["message"])
    #expect(!message.isEmpty && !message.contains("\n"))
    if result.name == "skipped" { #expect(element.attributes["time"] == "0.000") }
  }

  @Test("no escape sequence and no forbidden character reaches the document")
  func hostileText() throws {
    let hostile = "a\u{1b}[31m<b>\u{0}\u{8}&\"'\u{fffe}]]>\u{1b}]0;title\u{7}\u{9b}1mé😀\r\nend\u{b}\u{85}"
    let events = Streams.run(
      [Streams.suite(Streams.dma, cases: 1)],
      [
        Streams.testCase(
          0, "dma.a[x=\"<&>\"]", [(0, .consoleLine(ConsoleLine(node: "rc", text: hostile)))],
          CaseOutcome(.failed(.expectation), message: hostile, failure: FailureDetail(facts: [hostile])))
      ])
    let document = Self.document(events)
    #expect(
      document.unicodeScalars.allSatisfy {
        $0 == "\n" || ($0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) && $0.value != 0xfffe)
      })
    let element = try #require(XMLElement.parse(document).children.first?.children.last)
    #expect(element.attributes["name"] == "dma.a[x=\"<&>\"]")
    #expect(element.children.first?.attributes["message"] == "a<b>&\"']]>é😀 end")
    #expect(element.children.first?.text.contains("a<b>&\"']]>é😀") == true)
  }

  @Test(
    "times are three decimals, never an exponent",
    arguments: [
      (0, "0.000"), (499_999, "0.000"), (500_000, "0.001"), (1_000_000_000, "1.000"),
      (86_400_000_000_000, "86400.000"), (UInt64.max, "18446744073.709"),
    ])
  func times(nanoseconds: UInt64, text: String) throws {
    let events = Streams.run(
      [Streams.suite(Streams.dma, cases: 1)],
      [Streams.testCase(0, "dma.a", CaseOutcome(.passed, wallNanoseconds: nanoseconds))])
    let suite = try #require(XMLElement.parse(Self.document(events)).children.first)
    #expect(suite.attributes["time"] == text)
    #expect(suite.children.last?.attributes["time"] == text)
  }

  @Test("cases stand in the order of the plan, whatever order they end in")
  func order() throws {
    let suites = [Streams.suite(Streams.dma, cases: 3), Streams.suite(Streams.pipe, cases: 1)]
    let cases = [
      Streams.testCase(0, "dma.a", Streams.passed()), Streams.testCase(1, "dma.b", Streams.passed()),
      Streams.testCase(2, "dma.c", Streams.passed()),
      Streams.testCase(3, "pipe.d", suite: 1, [], Streams.passed()),
    ]
    let document = Self.document(Streams.run(suites, cases))
    #expect(document == Self.document(Streams.run(suites, [cases[3], cases[1], cases[2], cases[0]])))
    #expect(try XMLElement.parse(document).children.map { $0.children.count - 1 } == [3, 1])
  }

  @Test("python's ElementTree reads every document")
  func python() throws {
    let documents = Streams.all.map { Self.document($0.events) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c",
      """
      import sys, xml.etree.ElementTree as E
      for text in sys.stdin.buffer.read().split(b"\\0"):
          cases = list(E.fromstring(text).iter("testcase"))
          print(len(cases), sum(float(c.get("time")) for c in cases) >= 0)
      """,
    ]
    // A file and not a pipe: writing to a program that is not there would end the tests by SIGPIPE.
    let file = FileManager.default.temporaryDirectory.appending(path: "pcie-harness-\(UUID()).xml")
    try Data(documents.joined(separator: "\0").utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let (output, errors) = (Pipe(), Pipe())
    process.standardInput = try FileHandle(forReadingFrom: file)
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    // 127 is env's word for a program that is not there.
    if process.terminationStatus == 127 { try Test.cancel("python3 is not on PATH") }
    let counts = try documents.map { document in
      try XMLElement.parse(document).children.reduce(0) { $0 + $1.children.count - 1 }
    }
    #expect(text == counts.map { "\($0) True\n" }.joined())
  }
}
