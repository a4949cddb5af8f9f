import Reports
import RunEvents
import Testing

@Suite("JUnit report, as its readers read it")
struct JUnitReadersTests {
  typealias Status = TwisterResult.Status

  /// A stream with the verdict of its suite and of its cases.
  struct Expectation: CustomTestStringConvertible, Sendable {
    var stream: Stream
    var suite: Status
    var cases: [Status]

    var testDescription: String { stream.name }
  }

  static let verdicts: [String: (Status, [Status])] = [
    "passing": (.pass, [.pass, .pass]), "failing": (.fail, [.pass, .pass, .fail, .pass]),
    "skipped": (.skip, [.skip, .skip, .skip]), "flaky": (.fail, [.fail]), "flaky-allowed": (.pass, [.pass]),
    "timeout": (.fail, [.fail]), "leak": (.fail, [.fail]), "known": (.fail, [.skip, .fail]),
    "seeds": (.fail, [.fail]), "error": (.error, [.error, .pass]), "interrupted": (.error, [.pass, .error]),
  ]

  static let expected = Streams.all.compactMap { stream in
    verdicts[stream.name].map { Expectation(stream: stream, suite: $0.0, cases: $0.1) }
  }

  @Test("every stream has an expectation")
  func allExpected() { #expect(Self.expected.count == Streams.all.count) }

  @Test("Twister's pytest harness", arguments: expected)
  func pytest(expected: Expectation) {
    let result = TwisterPytestReader.read(JUnitReportTests.document(expected.stream.events))
    #expect(result.status == expected.suite)
    #expect(result.cases.map(\.status) == expected.cases)
    for test in result.cases where test.status != .pass { #expect(test.reason?.isEmpty == false) }
    for test in result.cases where test.status == .fail {
      #expect(test.log?.contains("replay   pcie-harness") == true)
    }
  }

  @Test("Twister's ctest harness", arguments: expected)
  func ctest(expected: Expectation) {
    let result = TwisterCTestReader.read(JUnitReportTests.document(expected.stream.events))
    #expect(result.status == expected.suite)
    #expect(result.cases.map(\.status) == expected.cases)
  }

  @Test("GitLab drops no case", arguments: expected)
  func gitLab(expected: Expectation) throws {
    let words: [Status: String] = [.pass: "success", .fail: "failed", .error: "error", .skip: "skipped"]
    let read = try GitLabReader.read(JUnitReportTests.document(expected.stream.events))
    #expect(read.map(\.status) == expected.cases.compactMap { words[$0] })
    for test in read where test.status == "failed" {
      #expect(test.file?.hasPrefix("Suites/") == true)
      #expect(test.output?.isEmpty == false)
    }
  }

  @Test("GitLab finds the attachment, and Jenkins a whole line")
  func attachments() throws {
    let options = JUnitReportTests.options {
      $0.namesAttachments = true
      $0.attachmentBase = "harness-out/7f3a"
    }
    let document = JUnitReportTests.document(Streams.failing, options)
    let test = try #require(GitLabReader.read(document).first { $0.status == "failed" })
    #expect(test.attachment == "harness-out/7f3a/dma/completion-lost/l0.pcapng")
    #expect(
      document.split(separator: "\n").contains(
        "[[ATTACHMENT|harness-out/7f3a/dma/completion-lost/l0.pcapng]]"))
    // The result element stays the first child: Twister's verdict is the same.
    #expect(TwisterPytestReader.read(document).cases.map(\.status) == [.pass, .pass, .fail, .pass])
  }

  @Test("the readers are strict enough to fail: what our rules forbid is seen by them")
  func readersBite() throws {
    let head = "<testsuites><testsuite tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" time=\"1\">"
    let foot = "</testsuite></testsuites>"
    func status(_ element: String) -> Status? {
      TwisterPytestReader.read(head + element + foot).cases.first?.status
    }
    #expect(status("<testcase name=\"a\" time=\"0\"/>") == .pass)
    #expect(status("<testcase name=\"a\" time=\"0\"><system-out>x</system-out></testcase>") == .error)
    #expect(status("<testcase name=\"a\"/>") == nil)
    #expect(TwisterPytestReader.read("<testsuite/>").status == .skip)
    #expect(TwisterCTestReader.read(head + foot, isOld: true).status == .error)
    let twice = "<testcase name=\"a\" classname=\"b\" time=\"0\"/>"
    #expect(try GitLabReader.read(head + twice + twice + foot).count == 1)
  }
}
