import Foundation
import RunEvents
import Testing

@testable import Runner

@Suite("Steps on a fabric")
struct StepEngineTests {
  @Test("what is written is read back, at any alignment")
  func writeRead() throws {
    let run = try StepFixture.run(
      """
      steps:
        - mem_write: {by: rc, to: mem.bar1, offset: 0x3, data: {random: 301B}, save: a}
        - mem_read: {by: rc, from: mem.bar1, offset: 0x3, length: 301B, expect: {data: {saved: a}}}
        - mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 3B, expect: {data: {fill: 0x0, length: 3B}}}
      """)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
    #expect(run.outcome.counts.steps == 3)
  }

  @Test(
    "a step that sees something else fails its case",
    arguments: [
      (
        "mem_read: {by: rc, from: mem.bar0, offset: 0x0, length: 4B, expect: {data: {fill: 0x0, length: 4B}}}",
        FailureType.expectation, "expected byte 0x0 to be 00, got 10; 4 of 4 bytes differ"
      ),
      ("mem_read: {by: rc, address: 0xdead0000, length: 4B}", .expectation, "expected status SC, got UR"),
      (
        "mem_read: {by: rc, from: mem.bar0, offset: 0x0, length: 4B, expect: {status: UR}}", .expectation,
        "expected status UR, got SC"
      ),
      (
        "mem_write: {by: rc, address: 0xdead0000, data: {fill: 0x1, length: 4B}}", .violation,
        "unsupported-request at rc: no root port leads to 0xdead0000"
      ),
      ("wait: {msix: 1, at: rc}", .noProgress, "nothing is left to happen, and msix 1 at rc has not come"),
      ("wait: {msix: 1, at: rc, timeout: 5ms}", .timeout, "msix 1 at rc did not come within 5ms"),
      ("wait: {link: l0, state: down, timeout: 5ms}", .timeout, "link l0 down did not come within 5ms"),
      ("expect: {counter: l0.mwr, equals: 1}", .expectation, "expected l0.mwr to be 1, got 0"),
      ("expect: {counter: rc.msix, at_least: 2}", .expectation, "expected rc.msix to be at least 2, got 0"),
      (
        "expect: {aer: mem, has: malformed-tlp}", .expectation,
        "the error registers of mem do not show malformed-tlp"
      ),
      (
        "cfg_read: {by: rc, to: mem, offset: 0x0, size: 4, expect: {data: {bytes: 01 00 03 00}}}",
        .expectation,
        "expected byte 0x2 to be 03, got 02; 1 byte differs"
      ),
    ])
  func failures(step: String, type: FailureType, message: String) throws {
    let run = try StepFixture.run("steps:\n  - note: {text: first}\n  - \(step)")
    #expect(run.outcome.verdict == .failed(type))
    #expect(run.outcome.message == message)
    #expect(run.outcome.failure?.step?.index == StepIndex(2, of: 2))
    #expect(run.outcome.failure?.step?.excerpt.contains(step) == true)
    #expect(
      run.events.last.map { if case .stepEnded(let end) = $0 { end.status == .failed } else { false } }
        == true
        || run.events.contains { if case .tlp = $0 { true } else { false } })
  }

  @Test("offsets count from a capability where enumeration found it")
  func capabilities() throws {
    let run = try StepFixture.run(
      """
      steps:
        - cfg_read: {by: rc, to: mem, capability: msix, offset: 0x0, size: 1, expect: {data: {bytes: 11}}}
        - cfg_read: {by: rc, to: mem, capability: msix, offset: 0x2, size: 2, expect: {data: {bytes: 01 80}}}
        - cfg_write: {by: rc, to: mem, capability: msix, offset: 0x2, size: 2, data: {bytes: 00 c0}}
        - cfg_read: {by: rc, to: mem, capability: msix, offset: 0x2, size: 2, expect: {data: {bytes: 01 c0}}}
        - cfg_read: {by: rc, to: rc.l0, capability: express, offset: 0x0, size: 1, expect: {data: {bytes: 10}}}
        - cfg_read: {by: rc, to: 01:00.0, capability: aer, offset: 0x0, size: 2, expect: {data: {bytes: 01 00}}}
      """)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
    let labels = run.events.compactMap { if case .stepStarted(let step) = $0 { step.text } else { nil } }
    #expect(labels.first == "cfg_read mem msix+0x0")
  }

  @Test(
    "an offset from a capability that is not there fails its case",
    arguments: [
      ("to: rc.l0, capability: msix, offset: 0x0", "enumeration found no msix capability in rc.l0"),
      ("to: 05:00.0, capability: pm, offset: 0x0", "enumeration found no pm capability in 05:00.0"),
      ("to: mem, capability: aer, offset: 0xffc", "aer+0xffc of mem is past the configuration space"),
    ])
  func absentCapabilities(fields: String, message: String) throws {
    let run = try StepFixture.run("steps:\n  - cfg_read: {by: rc, \(fields), size: 4}")
    #expect(run.outcome.verdict == .failed(.expectation))
    #expect(run.outcome.message == message)
  }

  @Test("what a checker found before a step failed is told with the failure")
  func findingsBeforeAFailure() throws {
    let run = try StepFixture.run(
      "steps:\n  - mem_read: {by: rc, address: 0x80001fff, length: 1B, expect: {data: {bytes: 00}}}")
    #expect(run.outcome.message == "expected status SC, got UR")
    #expect(
      run.outcome.failure?.facts.first?.hasPrefix("before that: unsupported-request at mem, link l0: ")
        == true)
    let findings = run.events.compactMap { if case .finding(let finding) = $0 { finding } else { nil } }
    #expect(findings.map(\.violation) == ["unsupported-request"])
  }

  @Test("a failing case tells the last TLPs of its links, a passing one does not")
  func wire() throws {
    let read =
      "mem_read: {by: rc, from: mem.bar0, offset: 0x4, length: 4B, expect: {data: {fill: 0x0, length: 4B}}}"
    let failing = try StepFixture.run("steps:\n  - \(read)")
    let tlps = failing.events.compactMap { if case .tlp(let record) = $0 { record } else { nil } }
    #expect(tlps.map(\.mnemonic) == ["MRd", "CplD"])
    #expect(tlps.map(\.source) == ["rc", "mem"])
    #expect(tlps.first?.address?.hasPrefix("0x8000_") == true)
    #expect(tlps.last?.status == "SC")
    let passing = try StepFixture.run("steps:\n  - expect: {counter: l0.tlps, equals: 0}")
    #expect(!passing.events.contains { if case .tlp = $0 { true } else { false } })
  }

  @Test("a violation that the case allows does not fail it")
  func allowed() throws {
    let run = try StepFixture.run(
      """
      allow: [unsupported-request]
      steps:
        - mem_write: {by: rc, address: 0xdead0000, data: {fill: 0x1, length: 4B}}
      """)
    #expect(run.outcome.verdict == .passed)
    let findings = run.events.compactMap { if case .finding(let finding) = $0 { finding } else { nil } }
    #expect(findings.map(\.allowed) == [true])
  }

  @Test("branches run side by side, and the same seed gives the same events")
  func parallel() throws {
    let text = """
      steps:
        - parallel:
            branches:
              - - mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {random: 512B}, save: a}
                - mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 512B, expect: {data: {saved: a}}}
              - - repeat:
                    times: 3
                    steps:
                      - dma_write: {by: mem, address: 0x100, data: {random: 512B}, save: b}
                      - dma_read: {by: mem, address: 0x100, length: 512B, expect: {data: {saved: b}}}
      """
    let one = try StepFixture.run(text)
    let two = try StepFixture.run(text)
    #expect(one.outcome.verdict == .passed, "\(one.outcome.message)")
    #expect(one.events == two.events)
    #expect(one.outcome.counts.steps == 1 + 2 + 1 + 6)
    let indexes = one.events.compactMap {
      if case .stepStarted(let step) = $0 { step.index.description } else { nil }
    }
    #expect(indexes.contains("1/1 branch 2/2 1/1 pass 3/3 2/2"))
  }

  @Test("random data differ from step to step, from pass to pass and from seed to seed")
  func random() throws {
    let text = """
      steps:
        - dma_write: {by: mem, address: 0x0, data: {random: 16B}, save: a}
        - dma_write: {by: mem, address: 0x20, data: {random: 16B}}
        - mem_read: {by: rc, address: 0x20, length: 16B, expect: {data: {saved: a}}}
      """
    let run = try StepFixture.run(text)
    #expect(run.outcome.verdict == .failed(.expectation))
    #expect(try StepFixture.run(text, seed: 2).outcome.message != run.outcome.message)
  }

  @Test("an interrupt satisfies one wait, not two")
  func interruptOnce() throws {
    let text = "steps:\n  - msix: {by: mem, vector: 1}\n  - wait: {msix: 1, at: rc}\n"
    #expect(try StepFixture.run(text).outcome.verdict == .passed)
    #expect(try StepFixture.run(text + "  - wait: {msix: 1, at: rc}").outcome.verdict == .failed(.noProgress))
  }

  @Test("branches of setup are gone when the case's own begin")
  func parallelSetup() throws {
    let lists = "- parallel: {branches: [[{note: {text: a}}], [{note: {text: b}}]]}"
    let head = StepFixture.topology.replacing("cases:", with: "setup:\n  \(lists)\ncases:")
    let run = try StepFixture.run("steps:\n  \(lists)", head: head)
    #expect(run.outcome.verdict == .passed && run.outcome.counts.steps == 6, "\(run.outcome.message)")
  }

  @Test("setup runs first, on fresh nodes")
  func setup() throws {
    let head = StepFixture.topology.replacingOccurrences(
      of: "cases:",
      with: "setup:\n  - mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {bytes: aa}}\ncases:")
    let run = try StepFixture.run(
      "steps:\n  - mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 1B, expect: {data: {bytes: aa}}}",
      head: head)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
    let first = run.events.compactMap {
      if case .stepStarted(let step) = $0 { step.index.description } else { nil }
    }
    #expect(first == ["setup 1/1", "1/1"])
  }

  @Test("a case that takes longer than its time ends as a timeout")
  func caseTimeout() throws {
    let run = try StepFixture.run(
      """
      timeout: 10ms
      steps:
        - cfg_write: {by: rc, to: mem, offset: 0x4, size: 2, data: {bytes: 02 00}}
        - wait: {msix: 1, at: rc, timeout: 50ms}
      """)
    #expect(run.outcome.verdict == .failed(.timeout))
    #expect(run.outcome.message == "msix 1 at rc did not come within the case's 10ms")
  }

  @Test("a hot reset takes registers back and leaves the link up")
  func hotReset() throws {
    let run = try StepFixture.run(
      """
      steps:
        - reset: {link: l0, kind: hot}
        - wait: {link: l0, state: up, timeout: 100ms}
        - cfg_read: {by: rc, to: mem, offset: 0x4, size: 2, expect: {data: {bytes: 00 00}}}
      """)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  @Test("a retrained link shows its new speed and width in Link Status")
  func retrain() throws {
    let run = try StepFixture.run(
      """
      steps:
        - link: {link: l0, state: up, speed: 2.5GT/s, width: 1}
        - mem_read: {by: rc, from: mem.bar0, offset: 0x0, length: 4B}
      """)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }
}
