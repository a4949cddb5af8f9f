import RunEvents
import Testing

@testable import Runner

/// Suites that go to the limits of what the language lets them say.
@Suite("Steps at their limits")
struct StepLimitTests {
  @Test("a payload size that software raises beyond the link's is a violation, not a trap")
  func raisedPayload() throws {
    let run = try StepFixture.run(
      """
      allow: [malformed-tlp, completion-timeout]
      steps:
        - cfg_read: {by: rc, to: mem, capability: express, offset: 0x8, size: 2}
        - cfg_write: {by: rc, to: mem, capability: express, offset: 0x8, size: 2, data: {bytes: 4f 29}}
        - mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 512B, timeout: 1ms, expect: {status: timeout}}
      """)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  @Test("a long posted write goes out as the link takes it, and all of it arrives")
  func longWrite() throws {
    let run = try StepFixture.run(
      """
      timeout: 60s
      steps:
        - dma_write: {by: mem, address: 0x0, data: {random: 64KiB}, save: a}
        - msix: {by: mem, vector: 0}
        - wait: {msix: 0, at: rc}
        - mem_read: {by: rc, address: 0x0, length: 64KiB, expect: {data: {saved: a}}}
      """)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  @Test("branches go on while another one waits for a reset to end")
  func resetBesideTraffic() throws {
    let run = try StepFixture.run(
      """
      steps:
        - parallel:
            branches:
              - - reset: {node: mem, kind: flr}
              - - repeat:
                    times: 5
                    steps:
                      - cfg_read: {by: rc, to: rc.l0, offset: 0x0, size: 4}
      """)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
    let ends = run.events.compactMap {
      if case .stepEnded(let end) = $0 { end.index.description } else { nil }
    }
    let reset = ends.firstIndex(of: "1/1 branch 1/2 1/1") ?? 0
    let last = ends.firstIndex(of: "1/1 branch 2/2 1/1 pass 5/5 1/1") ?? .max
    #expect(last < reset)
  }

  @Test("every step that starts ends, those a failure cuts short as cancelled")
  func everyStepEnds() throws {
    let run = try StepFixture.run(
      """
      steps:
        - repeat:
            times: 3
            steps:
              - parallel:
                  branches:
                    - - wait: {msix: 0, at: rc, timeout: 1ms}
                    - - wait: {msix: 1, at: rc, timeout: 2ms}
      """)
    #expect(run.outcome.verdict == .failed(.timeout))
    var open: [String] = []
    for event in run.events {
      if case .stepStarted(let step) = event { open.append(step.index.description) }
      if case .stepEnded(let step) = event { open.removeAll { $0 == step.index.description } }
    }
    #expect(open.isEmpty)
  }

  @Test("thousands of parallel steps keep the number of branches")
  func branchesAreUsedAgain() throws {
    let run = try StepFixture.run(
      """
      timeout: 60s
      steps:
        - repeat:
            times: 300
            steps:
              - parallel:
                  branches:
                    - - mem_read: {by: rc, from: mem.bar0, offset: 0x0, length: 4B}
                    - - mem_read: {by: rc, from: mem.bar0, offset: 0x4, length: 4B}
      """)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  @Test("an expected status accounts for its own step, not for what comes later")
  func accountedOnce() throws {
    let run = try StepFixture.run(
      """
      steps:
        - mem_read: {by: rc, address: 0xdead0000, length: 4B, expect: {status: UR}}
        - mem_write: {by: rc, address: 0xdead0000, data: {fill: 0x1, length: 4B}}
      """)
    #expect(run.outcome.verdict == .failed(.violation))
    #expect(run.outcome.failure?.step?.index == StepIndex(2, of: 2))
  }

  @Test("a case that goes on past its time fails although no step waits")
  func pastItsTime() throws {
    let run = try StepFixture.run(
      """
      timeout: 50ms
      steps:
        - reset: {node: mem, kind: flr}
      """)
    #expect(run.outcome.verdict == .failed(.timeout))
  }
}
