import Nodes
import Testing

/// What is common to all formats, and what each of them means.
struct TestReaderTests {
  /// `passed a`, `failed b: line | line`, as short as a test reads best.
  private func told(_ format: TestFormat, _ text: String) -> (results: [String], reader: TestReader) {
    var reader = TestReader(format)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) { reader.read(String(line)) }
    return (
      reader.run.results.map { result in
        "\(result.outcome) \(result.name)"
          + (result.lines.isEmpty ? "" : ": " + result.lines.joined(separator: " | "))
      }, reader
    )
  }

  // MARK: ztest

  static let ztest = """
    *** Booting Zephyr OS build zephyr-v3.2.0 ***
    Running TESTSUITE link
    ===================================================================
    START - test_read
     PASS - test_read in 0.012 seconds
    ===================================================================
    START - test_skip
     SKIP - test_skip in 0.0 seconds
    ===================================================================
    START - test_write

        Assertion failed at src/main.c:12: link_test_write: (1 == 2) is false
     FAIL - test_write in 0.001 seconds
    ===================================================================
    TESTSUITE link failed.

    ------ TESTSUITE SUMMARY START ------

    SUITE FAIL -  50.00% [link]: pass = 1, fail = 1, skip = 1, total = 3 duration = 0.013 seconds
     - PASS - [link.test_read] duration = 0.012 seconds
     - SKIP - [link.test_skip] duration = 0.000 seconds
     - FAIL - [link.test_write] duration = 0.001 seconds

    ------ TESTSUITE SUMMARY END ------

    ===================================================================
    PROJECT EXECUTION FAILED
    PASS - test_after in 0.1 seconds
    """

  @Test func readsZtest() {
    let (results, reader) = told(.ztest, Self.ztest)
    let assertion = "Assertion failed at src/main.c:12: link_test_write: (1 == 2) is false"
    #expect(
      results == ["passed link.test_read", "skipped link.test_skip", "failed link.test_write: \(assertion)"])
    #expect(reader.run.isOver && reader.complaint == nil)
    #expect(reader.run.results.map(\.duration) == [12_000_000, 0, 1_000_000])
  }

  @Test func readsTheOldZtest() {
    let text = """
      Running test suite old
      START - test_a
       PASS - test_a
      Test suite old succeeded
      PROJECT EXECUTION SUCCESSFUL
      """
    let (results, reader) = told(.ztest, text)
    #expect(results == ["passed old.test_a"] && reader.complaint == nil)
  }

  /// Without CONFIG_ZTEST_VERBOSE_OUTPUT tests are in the summary alone.
  @Test func readsAZtestThatTellsOfItsTestsInTheSummary() {
    let text = """
      SUITE FAIL -  50.00% [link]: pass = 1, fail = 1, skip = 0, total = 2 duration = 0.013 seconds
       - PASS - [link.test_read] duration = 0.012 seconds
       - FAIL - [link.test_write] duration = 0.001 seconds
      PROJECT EXECUTION FAILED
      """
    let (results, reader) = told(.ztest, text)
    #expect(results == ["passed link.test_read", "failed link.test_write"] && reader.complaint == nil)
    #expect(reader.run.results.first?.duration == 12_000_000)
  }

  @Test(arguments: [
    ("START - a\n PASS - a in 0.0 seconds", "the summary is missing"),
    ("START - a", "'a' has begun and has no result, and the summary is missing"),
    ("START - a\nSTART - b\n PASS - b in 0.0 seconds\nPROJECT EXECUTION SUCCESSFUL", "'a' has no result"),
    ("START - a\nPROJECT EXECUTION SUCCESSFUL", "'a' has no result"),
    ("PROJECT EXECUTION SUCCESSFUL", "it tells of no test"),
    ("hello", "nothing of it is a test of ztest"),
    (" PASS - a in 0.0 seconds\nPROJECT EXECUTION FAILED", "it says that it failed, and no test did"),
    (" FAIL - a in 0.0 seconds\nPROJECT EXECUTION SUCCESSFUL", "it says that it succeeded, and tests failed"),
    (
      "Running TESTSUITE s\n PASS - a in 0.0 seconds\nTESTSUITE s failed.\nPROJECT EXECUTION FAILED",
      "'s' failed as a whole, and none of its tests did"
    ),
    (
      "SUITE FAIL - 0.00% [s]: pass = 0, fail = 1, skip = 0, total = 1\n PASS - b in 0.0 seconds\n"
        + "PROJECT EXECUTION SUCCESSFUL", "1 tests of 's' failed by the summary, and 0 told so"
    ),
    (" PASS - a in 0.0 seconds\nTESTSUITE crashed.", "it says that it crashed"),
  ]) func complainsOfZtest(text: String, complaint: String) {
    #expect(told(.ztest, text).reader.complaint == complaint)
  }

  // MARK: TAP

  static let ktap = """
    [    1.200000] KTAP version 1
    [    1.200001] 1..2
    [    1.200002]     KTAP version 1
    [    1.200003]     # Subtest: example
    [    1.200004]     1..3
    [    1.200005]     ok 1 example_simple_test
    [    1.200006] random: crng init done
    [    1.200007]     # example_bad_test: EXPECTATION FAILED at lib/kunit/example.c:30
    [    1.200008]     not ok 2 example_bad_test
    [    1.200009]     ok 3 example_skip_test # SKIP not here
    [    1.200010] # example: pass:1 fail:1 skip:1 total:3
    [    1.200011] not ok 1 example
    [    1.200012]     KTAP version 1
    [    1.200013]     # Subtest: init
    [    1.200014]     1..1
    [    1.200015]         KTAP version 1
    [    1.200016]         # Subtest: inner
    [    1.200017]         1..1
    [    1.200018]         ok 1 deep
    [    1.200019]     ok 1 inner
    [    1.200020] ok 2 init
    """

  @Test(arguments: ["", "kernel: "]) func readsKTAP(prefix: String) {
    let text = Self.ktap.split(separator: "\n").map { prefix + $0 }.joined(separator: "\n")
    let (results, reader) = told(.tap, text)
    #expect(
      results == [
        "passed example.example_simple_test",
        "failed example.example_bad_test: example_bad_test: EXPECTATION FAILED at lib/kunit/example.c:30",
        "skipped example.example_skip_test: not here", "passed init.inner.deep",
      ])
    #expect(reader.run.isOver && reader.complaint == nil)
  }

  @Test func readsTAP() {
    let text = """
      TAP version 14
      1..6
      ok 1 - plain
      not ok 2 - broken
        ---
        message: 'is 2'
        ...
      # Subtest: group
          1..1
          ok 1 - inside
      ok 3 - group
      not ok 4 - later # TODO not written
      ok 5 # skip no card
      ok 6 - issue #12
      """
    let (results, reader) = told(.tap, text)
    #expect(
      results == [
        "passed plain", "failed broken: message: 'is 2'", "passed group.inside", "skipped later: not written",
        "skipped 5: no card", "passed issue #12",
      ])
    #expect(reader.run.isOver && reader.complaint == nil)
  }

  @Test func takesAPlanAtTheEnd() {
    let (results, reader) = told(.tap, "ok 1 a\nok 2 b\n1..2")
    #expect(results == ["passed a", "passed b"] && reader.run.isOver && reader.complaint == nil)
  }

  /// kselftest says by what a program ended.
  @Test func takesTheEndOfAProgramAsTheReason() {
    let (results, _) = told(.tap, "TAP version 13\n1..1\nnot ok 1 selftests: pci: bar # exit=1")
    #expect(results == ["failed selftests: pci: bar: exit=1"])
  }

  @Test func skipsAll() {
    let (results, reader) = told(.tap, "1..0 # SKIP no device")
    #expect(results == ["skipped all: no device"] && reader.run.isOver && reader.complaint == nil)
  }

  @Test func tellsAGroupThatFailsForItself() {
    let (results, _) = told(.tap, "1..1\n    # Subtest: g\n    1..1\n    ok 1 a\nnot ok 1 g")
    #expect(results == ["passed g.a", "failed g"])
  }

  @Test(arguments: [
    ("1..2\nok 1 a", "the summary is missing"),
    ("ok 1 a", "the summary is missing"),
    ("1..1\nok 2 a", "test 2 of its group is told in place 1"),
    ("1..2\nok 1 a\nok 1 a", "test 1 of its group is told in place 2"),
    ("1..2\nok 1 a\nBail out! no power", "it bailed out: no power"),
    ("1..2\n1..3", "it has two plans"),
    ("ok 1 a\nok 2 b\n1..1", "it has planned 1 tests, and 2 have a result"),
    ("1..1\n    # Subtest: g\n    1..2\n    ok 1 a\nok 1 g", "'g' has planned 2 tests, and 1 have a result"),
    ("okay\nnot okay", "nothing of it is a test of tap"),
  ]) func complainsOfTAP(text: String, complaint: String) {
    #expect(told(.tap, text).reader.complaint == complaint)
  }

  // MARK: Google Test

  static let googleTest = """
    Running main() from gtest_main.cc
    [==========] Running 4 tests from 2 test suites.
    [----------] Global test environment set-up.
    [----------] 3 tests from Link
    [ RUN      ] Link.Reads
    [       OK ] Link.Reads (12 ms)
    [ RUN      ] Link.Writes
    link.cc:7: Failure
    Expected equality of these values:
      1
      2
    [  FAILED  ] Link.Writes (1 ms)
    [ RUN      ] Link.Waits
    link.cc:9: Skipped
    no card
    [  SKIPPED ] Link.Waits (0 ms)
    [----------] 3 tests from Link (13 ms total)

    [----------] 1 test from Sizes/Copy
    [ RUN      ] Sizes/Copy.Works/0
    [  FAILED  ] Sizes/Copy.Works/0, where GetParam() = 4 (0 ms)
    [----------] 1 test from Sizes/Copy (0 ms total)

    [----------] Global test environment tear-down
    [==========] 4 tests from 2 test suites ran. (13 ms total)
    [  PASSED  ] 1 test.
    [  SKIPPED ] 1 test, listed below:
    [  SKIPPED ] Link.Waits
    [  FAILED  ] 2 tests, listed below:
    [  FAILED  ] Link.Writes
    [  FAILED  ] Sizes/Copy.Works/0, where GetParam() = 4

     2 FAILED TESTS
    """

  @Test func readsGoogleTest() {
    let (results, reader) = told(.googleTest, Self.googleTest)
    #expect(
      results == [
        "passed Link.Reads",
        "failed Link.Writes: link.cc:7: Failure | Expected equality of these values: | 1 | 2",
        "skipped Link.Waits: link.cc:9: Skipped | no card", "failed Sizes/Copy.Works/0",
      ])
    #expect(reader.run.isOver && reader.complaint == nil)
    #expect(reader.run.results.first?.duration == 12_000_000)
  }

  @Test(arguments: [
    (
      "[ RUN      ] A.B\nSegmentation fault",
      "'A.B' has begun and has no result, and the summary is missing"
    ),
    ("[ RUN      ] A.B\n[       OK ] A.B (0 ms)", "the summary is missing"),
    ("[==========] 0 tests from 0 test suites ran. (0 ms total)", "it tells of no test"),
    (
      "[ RUN      ] A.B\n[       OK ] A.B (0 ms)\n[==========] 2 tests from 1 test suite ran. (0 ms total)",
      "the summary tells of 2 tests, and 1 have a result"
    ),
    ("", "nothing of it is a test of google-test"),
  ]) func complainsOfGoogleTest(text: String, complaint: String) {
    #expect(told(.googleTest, text).reader.complaint == complaint)
  }

  // MARK: All

  @Test(arguments: TestFormat.allCases) func survivesAnyOrderOfItsLines(format: TestFormat) {
    let lines = [Self.ztest, Self.ktap, Self.googleTest].flatMap { $0.split(separator: "\n") }
    for seed in 0..<200 as Range<UInt64> {
      var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
      var reader = TestReader(format)
      for _ in 0..<60 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let line = lines[Int(state >> 33) % lines.count]
        reader.read(String(line.dropFirst(Int(state >> 20 & 1) * Int(state >> 21 & 7))))
      }
      #expect(reader.run.settled <= reader.run.results.count)
      #expect(reader.run.isOver || reader.complaint != nil)
    }
  }

  @Test func keepsTheLastLinesOfATestOnly() throws {
    var reader = TestReader(.ztest)
    reader.read("START - a")
    for number in 0..<100 { reader.read("line \(number) " + String(repeating: "x", count: 500)) }
    reader.read("FAIL - a in 0.1 seconds")
    let result = try #require(reader.run.results.first)
    #expect(result.lines.count == 20 && result.lines.allSatisfy { $0.count == 200 })
    #expect(result.lines.first?.hasPrefix("line 80 ") ?? false)
  }

  @Test func endsWhenTestsAreTooMany() {
    var reader = TestReader(.ztest)
    for number in 0...TestRun.resultsMax { reader.read("PASS - t\(number) in 0.1 seconds") }
    #expect(reader.run.isOver && reader.complaint == "it tells of more than 10000 tests")
  }
}
