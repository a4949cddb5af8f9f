import LinkBroker
import RunEvents
import Testing

@testable import Runner

/// What captures of cases with real faults say.
@Suite struct CaptureCaseTests {
  private static let wanted = CaseCapture(
    request: CaptureRequest(folder: "/nowhere", keepsPassed: true, snapLength: 0, bytesMax: 1 << 20),
    number: 0)
  private static let read = "mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 64B"
  private static let write = "mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {fill: 0x5a, length: 64B}}"

  private func capture(
    _ rules: [String], _ allow: String, _ steps: [String], head: String = StepFixture.topology
  ) throws -> [UInt8] {
    let faults = rules.isEmpty ? "" : "faults:\n" + rules.map { "  - \($0)\n" }.joined()
    let lines = "allow: [\(allow)]\n" + faults + "steps:\n" + steps.map { "  - \($0)\n" }.joined()
    let run = try StepFixture.run(lines, head: head, capture: Self.wanted)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message) \(run.outcome.failure?.facts ?? [])")
    return try #require(run.capture).file
  }

  /// The rule, what the case allows, the steps, and the comments of the records that have any.
  static let faults: [(String, String, [String], [[String]])] = [
    (
      "drop: {link: l0, tlp: CplD, nth: 1}", "completion-timeout",
      ["\(read), timeout: 50ms, expect: {status: timeout}}", "\(read)}"],
      [["dropped by cpl.timeout, t.yaml:16"]]
    ),
    (
      "delay: {link: l0, tlp: CplD, nth: 1, by: 10us}", "", ["\(read)}"],
      [["held back by tlp.delay, t.yaml:16"]]
    ),
    (
      "duplicate: {link: l0, tlp: MWr, nth: 1}", "", [write, "\(read)}"],
      [["sent twice by tlp.dup_posted, t.yaml:16"]]
    ),
    (
      "poison: {link: l0, tlp: MWr, nth: 1}", "poisoned-tlp", [write],
      [
        [
          "poisoned by tlp.poison_wr, t.yaml:16",
          "poisoned-tlp: MWr of 64 bytes at 0x80001000 carries poisoned data; nothing was changed",
        ]
      ]
    ),
    // A rule for any TLP is named by the kind of what it strikes.
    (
      "drop: {link: l0, from: rc, tlp: any, nth: 1}", "", [write, "\(read)}"],
      [["dropped by tlp.drop_posted, t.yaml:16"]]
    ),
    (
      "complete: {node: mem, to: rc, tag: 0x3f, after: 1us, status: SC}", "unexpected-completion",
      [write, "\(read)}"],
      [
        [
          "sent unasked by cpl.unexpected, t.yaml:16",
          "unexpected-completion: no request is outstanding with tag 3f",
        ]
      ]
    ),
    (
      "link_down: {link: l0, after: {tlp: MWr, count: 1}, for: 5ms}", "surprise-down, completion-timeout",
      [
        write, "wait: {link: l0, state: down, timeout: 1ms}", "wait: {link: l0, state: up, timeout: 1s}",
        "cfg_read: {by: rc, to: mem, offset: 0x0, size: 4}",
      ], [["the link went down before it arrived"], ["link taken down by link.down, t.yaml:16, at 0 ns"]]
    ),
    (
      "kill: {node: mem, after: {link: l0, tlp: MWr, count: 1}}", "surprise-down, node-exit",
      [write, "wait: {link: l0, state: down, timeout: 10ms}"],
      [["the link went down before it arrived", "mem cut off by dev.kill, t.yaml:16, at 0 ns"]]
    ),
  ]

  @Test(arguments: faults)
  func namesTheFault(rule: String, allow: String, steps: [String], comments: [[String]]) throws {
    let records = CaptureLines.records(try capture([rule], allow, steps))
    #expect(records.map(\.comments).filter { !$0.isEmpty } == comments, "\(records.map(\.line))")
  }

  @Test func startsWithTheClockOfTheCaseAndHoldsItsNotes() throws {
    let steps = ["note: {text: here we go}", Self.write, "\(Self.read)}", "note: {text: done}"]
    let file = try capture([], "", steps)
    #expect(
      CaptureLines.records(file).map(\.line) == [
        "0 l0 down 80 40000010000000ff80001000: here we go", "21 l0 down 00 0000001000002aff80001000",
        "176 l0 up 80 4a0000100100004000002a00: done",
      ])
    #expect(
      CaptureLines.names(file) == ["t.c, t.yaml:13", "pcie-harness", "l0", "rc above mem, 8000 MT/s x4"])
  }
}
