import RunEvents
import Testing

@testable import Runner

@Suite("Error registers, read as software does")
struct ErrorRegisterTests {
  private static let read =
    "  - mem_read: {by: rc, address: 0x80001fff, length: 1B, expect: {status: UR}}\n"

  @Test("an error shows at its function, at the root port with its source, and as an interrupt")
  func endToEnd() throws {
    let run = try StepFixture.run(
      "steps:\n  - expect: {aer: mem, lacks: unsupported-request}\n"
        + "  - expect: {aer: rc.l0, lacks: err-cor}\n" + Self.read
          + """
            - wait: {msi: 0, at: rc, from: rc}
            - expect: {aer: mem, has: unsupported-request}
            - expect: {aer: mem, has: advisory-non-fatal}
            - expect: {aer: rc.l0, has: err-cor, source: mem}
            - expect: {aer: rc, has: err-cor}
            - expect: {aer: rc.l0, lacks: err-fatal}
            - expect: {aer: rc.l0, lacks: unsupported-request}
          """)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  @Test("registers are read over the link")
  func overTheLink() throws {
    let run = try StepFixture.run(
      """
      steps:
        - expect: {counter: l0.tlps, equals: 0}
        - expect: {aer: mem, lacks: malformed-tlp}
        - expect: {counter: l0.tlps, equals: 2}
        - expect: {aer: rc.l0, lacks: malformed-tlp}
        - expect: {counter: l0.tlps, equals: 2}
      """)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  @Test(
    "what the registers do not show, or cannot be read, fails the case",
    arguments: [
      (
        "- expect: {aer: mem, lacks: unsupported-request}",
        "the error registers of mem show unsupported-request"
      ),
      ("- expect: {aer: rc, has: err-fatal}", "the error registers of rc do not show err-fatal"),
      (
        "- expect: {aer: rc.l0, has: err-cor, source: rc}",
        "expected rc (00:01.0) as the source of err-cor at rc.l0, got 01:00.0"
      ),
      (
        "- link: {link: l0, state: down}\n  - expect: {aer: mem, has: unsupported-request}",
        "the look at the error registers of mem: a register access ended with UR"
      ),
      (
        "- expect: {aer: 05:00.0, has: malformed-tlp}", "enumeration found no error registers in 05:00.0"
      ),
    ])
  func failures(step: String, message: String) throws {
    let run = try StepFixture.run("steps:\n" + Self.read + "  " + step)
    #expect(run.outcome.verdict == .failed(.expectation))
    #expect(run.outcome.message == message)
  }

  @Test("the source of a message may be any port of a root complex, or the port that is named")
  func sources() throws {
    let links = """
          two: {model: memory-mock}
        links:
          l1: {upstream: rc, downstream: two}

      """
    let head = StepFixture.topology.replacing("  links:\n", with: links)
    func run(_ source: String) throws -> CaseOutcome {
      let lines = """
        allow: [completion-timeout]
        faults: [{drop: {link: l0, tlp: CplD, nth: 1}}]
        steps:
          - mem_read: {by: rc, from: mem.bar0, offset: 0x0, length: 4B, timeout: 1ms, expect: {status: timeout}}
          - expect: {aer: rc.l0, has: err-nonfatal, source: \(source)}
        """
      return try StepFixture.run(lines, head: head).outcome
    }
    #expect(try run("rc").verdict == .passed)
    #expect(try run("rc.l0").verdict == .passed)
    #expect(
      try run("rc.l1").message
        == "expected rc.l1 (00:01.0) as the source of err-nonfatal at rc.l0, got 00:02.0")
  }

  @Test("a suite contains a link by DPC and lets it go")
  func containment() throws {
    let run = try StepFixture.run(
      """
      steps:
        - cfg_write: {by: rc, to: rc.l0, capability: dpc, offset: 0x6, size: 2, data: {bytes: 0d 00}}
        - cfg_write: {by: rc, to: rc.l0, capability: dpc, offset: 0x6, size: 2, data: {bytes: 4d 00}}
        - wait: {msi: 0, at: rc, from: rc}
        - wait: {link: l0, state: down}
        - cfg_read: {by: rc, to: rc.l0, capability: dpc, offset: 0x8, size: 2, expect: {data: {bytes: 2f 00}}}
        - mem_read: {by: rc, from: mem.bar0, offset: 0x0, length: 4B, expect: {status: UR}}
        - cfg_write: {by: rc, to: rc.l0, capability: dpc, offset: 0x8, size: 2, data: {bytes: 09 00}}
        - wait: {link: l0, state: up}
        - cfg_read: {by: rc, to: rc.l0, capability: dpc, offset: 0x8, size: 1, expect: {data: {bytes: "26"}}}
        - expect: {aer: rc.l0, lacks: surprise-down}
      """)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }
}
