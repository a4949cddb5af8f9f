import Reports
import RunEvents
import Testing

@Suite("JUnit report, as its readers read it")
struct JUnitReadersTests {
  typealias Status = TwisterResult.Status

  static let expected: [(String, [Event], Status, [Status])] = [
    ("passing", Streams.passing, .pass, [.pass, .pass]),
    ("failing", Streams.failing, .fail, [.pass, .pass, .fail, .pass]),
    ("skipped", Streams.skipped, .skip, [.skip, .skip, .skip]),
    ("flaky", Streams.flaky, .fail, [.fail]),
    ("flaky-allowed", Streams.flakyAllowed, .pass, [.pass]),
    ("timeout", Streams.slowAndTimeout, .fail, [.fail]),
    ("leak", Streams.leak, .fail, [.fail]),
    ("known", Streams.known, .fail, [.skip, .fail]),
    ("seeds", Streams.seeds, .fail, [.fail]),
    ("error", Streams.error, .error, [.error, .pass]),
    ("interrupted", Streams.interrupted, .error, [.pass, .error]),
  ]

  @Test("Twister's pytest harness", arguments: expected)
  func pytest(name: String, events: [Event], status: Status, cases: [Status]) {
    let result = TwisterPytestReader.read(JUnitReportTests.document(events))
    #expect(result.status == status)
    #expect(result.cases.map(\.status) == cases)
    for test in result.cases where test.status != .pass { #expect(test.reason?.isEmpty == false) }
    for test in result.cases where test.status == .fail {
      #expect(test.log?.contains("replay   pcie-harness") == true)
    }
  }

  @Test("Twister's ctest harness", arguments: expected)
  func ctest(name: String, events: [Event], status: Status, cases: [Status]) {
    let result = TwisterCTestReader.read(JUnitReportTests.document(events))
    #expect(result.status == status)
    #expect(result.cases.map(\.status) == cases)
  }

  @Test("GitLab drops no case", arguments: expected)
  func gitLab(name: String, events: [Event], status: Status, cases: [Status]) throws {
    let words: [Status: String] = [.pass: "success", .fail: "failed", .error: "error", .skip: "skipped"]
    let read = try GitLabReader.read(JUnitReportTests.document(events))
    #expect(read.map(\.status) == cases.compactMap { words[$0] })
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
