import Foundation
import Testing

/// A guest that stays from case to case: the real agent as a process here, and stand-ins that misbehave.
@Suite(.timeLimit(.minutes(5))) struct GuestScopeTests {
  private struct Outcome {
    let ending: Program.Ending
    /// How often the guest was started.
    let starts: Int
    let events: String
  }

  /// Runs cases in a guest that counts its starts.
  private func run(
    _ cases: [(name: String, steps: [String])], guest: String? = nil, allow: String = "[]",
    in folder: Folder? = nil, _ more: String...
  ) throws -> Outcome {
    let folder = try folder ?? GuestAgentTests.machine()
    let agent = "exec \(try GuestAgentTests.agent()) --sysfs sys --memory memory 0x1e000000 8192"
    try folder.write("guest", "echo start >>starts\n\(guest ?? agent)\n")
    try folder.write(
      "Boards/guest.yaml",
      """
      format: 1
      board: guest
      arch: x86_64
      simulator: shell
      launch: {program: sh, args: [[-c, 'exec sh ./guest']]}
      console: pipe
      agent: console
      ready: {matches: agent 1 ready, timeout: 20s}
      stop: {signal: KILL, grace: 1s}

      """)
    let texts = cases.map {
      "  \($0.name):\n    allow: \(allow)\n    steps:\n" + $0.steps.map { "      - \($0)\n" }.joined()
    }
    try folder.write(
      "Suites/guest.yaml",
      """
      format: 1
      suite: guest
      timeout: 60s
      topology: {nodes: {host: {board: guest, role: root-complex, scope: suite}}}
      cases:
      \(texts.joined())
      """)
    let ending = try Program(["run", "Suites/guest.yaml", "--events", "events"] + more, in: folder).wait()
    return Outcome(
      ending: ending, starts: try folder.text("starts").split(separator: "\n").count,
      events: try folder.text("events"))
  }

  private static let write = "cfg_write: {by: host, to: '01:00.0', offset: 0x3c, size: 1, data: {bytes: 0b}}"
  private static let isClear =
    "cfg_read: {by: host, to: '01:00.0', offset: 0x3c, size: 1, expect: {data: {bytes: 00}}}"

  @Test func oneStartServesCasesThatSeeNothingOfEachOther() throws {
    let outcome = try run([
      (
        "first",
        [
          Self.write, "mem_write: {by: host, address: 0x1e000000, data: {fill: 0x5a, length: 4B}}",
          "send: {to: host, line: '#1 shell echo hello'}", "wait: {console: host, matches: '#1 . hello'}",
          "send: {to: host, line: '#2 shell sleep 50; echo late'}",
        ]
      ),
      (
        "second",
        [
          Self.isClear,
          "mem_read: {by: host, address: 0x1e000000, length: 4B, expect: {data: {bytes: 00 00 00 00}}}",
          "expect: {console: host, lacks: hello}", "expect: {console: host, lacks: ready}",
        ]
      ),
      ("third", [Self.isClear]),
    ])
    #expect(outcome.ending.status == 0, "\(outcome.ending.output)\(outcome.ending.errors)")
    #expect(outcome.starts == 1 && !outcome.events.contains("starts anew"), "\(outcome.events)")
  }

  @Test func casesOfOneGuestStayTogetherWithMoreJobs() throws {
    let cases = (1...4).map { ("c\($0)", [Self.write]) }
    let outcome = try run(cases, "--jobs", "3")
    #expect(outcome.ending.status == 0, "\(outcome.ending.output)\(outcome.ending.errors)")
    #expect(outcome.starts == 1)
  }

  @Test func whatDoesNotPassIsNotGoneOnWith() throws {
    let wrong = "cfg_read: {by: host, to: '01:00.0', offset: 0x0, size: 1, expect: {data: {bytes: 00}}}"
    let outcome = try run([("fails", [wrong]), ("passes", [Self.isClear]), ("too", [Self.isClear])])
    #expect(outcome.ending.output.contains("3 cases: 2 passed, 1 failed"), "\(outcome.ending.output)")
    #expect(outcome.starts == 2)
  }

  @Test(arguments: [
    // The guest ends, as it is asked to.
    ("send: {to: host, line: poweroff}", "wait: {exit: host, status: 0}", ""),
    // A function is gone, has come, or answers no more.
    (
      "send: {to: host, line: '#1 shell mv sys/bus/pci/devices/0000:01:00.0 gone'}",
      "wait: {console: host, matches: '#1 ok'}",
      "host starts anew: the agent of host refused renew: 0000:01:00.0 is gone"
    ),
    (
      "send: {to: host, line: '#1 shell mkdir sys/bus/pci/devices/0000:02:00.0'}",
      "wait: {console: host, matches: '#1 ok'}", "refused renew: 0000:02:00.0 was not there"
    ),
  ])
  func whatIsBrokenStartsAnew(first: String, second: String, note: String) throws {
    let outcome = try run(
      [
        ("breaks", [first, second]),
        (
          "goes-on", ["send: {to: host, line: '#5 ping'}", "wait: {console: host, matches: '#5 ok'}"]
        ),
      ],
      allow: "[node-exit]")
    #expect(outcome.ending.status == 0, "\(outcome.ending.output)\(outcome.ending.errors)")
    #expect(outcome.starts == 2 && (note.isEmpty || outcome.events.contains(note)), "\(outcome.events)")
  }

  @Test func anAgentThatIsSilentStartsAnew() throws {
    let outcome = try run(
      [("first", [Self.write]), ("second", ["note: {text: up}"])],
      guest: "echo agent 1 ready; read tag x; echo \"$tag ok 1\"; exec cat >/dev/null", "--timeout-scale",
      "0.1")
    #expect(outcome.ending.status == 0, "\(outcome.ending.output)\(outcome.ending.errors)")
    #expect(outcome.starts == 2 && outcome.events.contains("host starts anew: its agent does not answer"))
  }

  @Test func nothingIsLeftWhenTheLastCaseIsOver() throws {
    let folder = try GuestAgentTests.machine()
    let agent = try GuestAgentTests.agent()
    let outcome = try run(
      [("first", [Self.write]), ("second", [Self.isClear])],
      guest: "setsid sleep 60 & exec \(agent) --sysfs sys --memory memory 0x1e000000 8192", in: folder)
    #expect(outcome.ending.status == 1 && outcome.ending.output.contains("left a process behind"))
    #expect(outcome.ending.output.contains("2 cases: 1 passed, 1 failed"), "\(outcome.ending.output)")
  }
}
