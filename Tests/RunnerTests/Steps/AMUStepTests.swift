import RunEvents
import Testing

@testable import Runner

/// Steps of a Revere-AMU's driver: what they check, and what fails them.
@Suite struct AMUStepTests {
  static let head = """
    format: 1
    suite: t
    about: A Revere-AMU under test.
    timeout: 1s
    seed: 0x1
    topology:
      nodes:
        rc:  {model: root-complex, memory: 4MiB}
        amu:
          model: revere-amu
          msix: 4
          amu: {ami_sw: 2, ami_hw: 2, asn: 8, vfs: 1, accelerators: [invert, dma]}
      links:
        l0: {upstream: rc, downstream: amu, speed: 16GT/s, width: 8}
    cases:
      c:

    """

  /// Context 0 through an accelerator and back, as the first steps of a case.
  static func loop(accelerator: Int = 0) -> String {
    """
    - amu: {node: amu, command: PF_AMI_SW_MAP}
    - amu: {node: amu, command: PF_AMI_HW_MAP, args: {aha_id: \(accelerator)}}
    - amu: {node: amu, command: PF_ASN_CREATE, args: {\(to(accelerator)), log2_msg_length: 3}}
    - amu: {node: amu, command: PF_ASN_CREATE, args: {asn_id: 1, \(from(accelerator)), log2_msg_length: 3}}
    - amu: {node: amu, command: F_AMS_RING_CONFIGURE, args: {ams_type: 1, log2_size: 4, ring_base: 0x2000}}
    - amu: {node: amu, command: F_AMS_RING_CONFIGURE, args: {ams_type: 0, log2_size: 4, ring_base: 0x4000}}
    - amu: {node: amu, command: F_AMI_SW_ENABLE}
    - amu: {node: amu, command: F_AMI_HW_ENABLE}
    """
  }

  private static func to(_ accelerator: Int) -> String { "dst_ami_type: 1, dst_aha_id: \(accelerator)" }
  private static func from(_ accelerator: Int) -> String { "src_ami_type: 1, src_aha_id: \(accelerator)" }

  private static func receive(_ messages: Int, _ expectation: String) -> String {
    "- ams_receive: {node: amu, ami: sw0, ams: 0, messages: \(messages), expect: {\(expectation)}}"
  }

  private func run(_ steps: String, before: String = "") throws -> StepFixture.Run {
    let lines = steps.split(separator: "\n").map { "  \($0)\n" }.joined()
    return try StepFixture.run(before + "steps:\n" + lines, head: Self.head)
  }

  private static let send =
    "- ams_send: {node: amu, ami: sw0, ams: 0, messages: 2, data: {fill: 0x1, length: 64B}}\n"
  private static let buffers =
    "- ams_send: {node: amu, ami: sw0, ams: 0, messages: 1, "
    + "buffers: {source: 0x100000, destination: 0x200000, length: 64B}}\n"

  private static let trace =
    loop() + "\n- amu: {node: amu, command: F_AMS_TRACE_CONFIGURE, args: {trace_ctl: 1, ams_type: 1}}\n"
    + send
  /// A doorbell for a slot that holds no command.
  private static let invalid =
    "- amu: {node: amu, command: F_PROBE}\n"
    + "- mem_write: {by: rc, to: amu.bar0, offset: 0x1600, data: {bytes: 02 00 00 00 00 00 00 00}}\n"

  static let failures: [(String, FailureType, String)] = [
    (
      "- amu: {node: amu, command: PF_PROBE, expect: {max_asn: 9}}", .expectation,
      "max_asn of PF_PROBE is 8, expected 9"
    ),
    (
      "- amu: {node: amu, command: PF_PROBE_AHA, args: {aha_id: 2}}", .expectation,
      "PF_PROBE_AHA ended with status 1 (INVALID_AHA_ID), expected 0 (CAPABILITIES_RETRIEVED_SUCCESSFULLY)"
    ),
    (
      "- amu: {node: amu, command: PF_PROBE_AHA, expect: {status: INVALID_AHA_ID}}", .expectation,
      "PF_PROBE_AHA ended with status 0 (CAPABILITIES_RETRIEVED_SUCCESSFULLY), expected 1 (INVALID_AHA_ID)"
    ),
    (
      "- amu: {node: amu, function: 1, command: F_PROBE}", .expectation,
      "function 1 of amu is not there: set NumVFs and VF Enable in sriov"
    ),
    (
      "- ams_send: {node: amu, ami: sw0, ams: 0, messages: 1, data: {random: 64B}}", .expectation,
      "sw0 of amu has no ring with a session at socket 0 that the steps before have set up in host memory"
    ),
    (
      loop() + "\n- mem_write: {by: rc, to: amu.bar0, offset: 0x10600, data: {count: 8B}}\n"
        + "- amu: {node: amu, exception: E_F_COUNTER_OVERFLOW}", .expectation,
      "amu told E_F_AMI_RING_FAULT, expected E_F_COUNTER_OVERFLOW"
    ),
    (
      "- link: {link: l0, state: down}\n- translate: {at: rc, address: 0x1000, invalidate: amu}", .noProgress,
      "nothing is left to happen, and the invalidate completion of amu has not come"
    ),
    (
      trace + "- amu: {node: amu, trace: 1}", .expectation, "amu told of session 0, expected 1"
    ),
    (
      trace + "- amu: {node: amu, trace: 0, expect: {messages: 3}}", .expectation,
      "messages of the record is 2, expected 3"
    ),
    (
      invalid + "- amu: {node: amu, error_state: response-full}", .expectation,
      "amu is in error state 7 (invalid-command), expected response-full"
    ),
    (
      "- amu: {node: amu, command: PF_AMI_SW_UNMAP, args: {phy_ami_sw_id: 2}, rests_in: command-fault}",
      .expectation, "amu is in error state 7 (invalid-command), expected command-fault"
    ),
    (
      "- amu: {node: amu, command: F_PROBE, rests_in: invalid-command}",
      .expectation, "F_PROBE was answered, expected error state invalid-command"
    ),
    (
      "- amu: {node: amu, command: F_PROBE}\n- amu: {node: amu, error_state: invalid-command}", .timeout,
      "the end of amu amu invalid-command did not come within the case's 1s"
    ),
    (
      loop() + "\n- mem_write: {by: rc, to: amu.bar0, offset: 0x10600, data: {count: 8B}}\n"
        + "- amu: {node: amu, exception: E_F_AMI_RING_FAULT, expect: {ams_id: 1}}", .expectation,
      "ams_id of E_F_AMI_RING_FAULT is 0, expected 1"
    ),
    (
      loop() + "\n" + send
        + receive(2, "data: {fill: 0x1, length: 64B}"),
      .expectation, "message 1: expected byte 0x0 to be 01, got fe; 64 of 64 bytes differ"
    ),
    (
      loop() + "\n" + send
        + receive(2, "data: {fill: 0xfe, length: 32B}"),
      .expectation, "data of 32 bytes for 2 messages of 64 bytes: give one or all"
    ),
    (
      loop() + "\n" + send + "- ams_receive: {node: amu, ami: sw0, ams: 0, messages: 3}", .timeout,
      "the end of ams_receive amu sw0 ams 0 did not come within the case's 1s"
    ),
    (
      loop() + "\n- ams_send: {node: amu, ami: sw0, ams: 0, messages: 2, data: {fill: 0x1, length: 64B}, "
        + "expect: {accepted: 1}}", .expectation, "the ring took 2 messages, expected 1"
    ),
    (
      loop(accelerator: 1) + "\n" + buffers
        + receive(1, "status: too-small"),
      .expectation,
      "message 1: the answer says done, expected too-small"
    ),
    (
      "- mem_write: {by: rc, address: 0x100000, data: {count: 64B}}\n" + loop(accelerator: 1) + "\n" + buffers
        + receive(1, "result: inverted"),
      .expectation,
      "message 1: expected byte 0x0 to be ff, got 00; 64 of 64 bytes differ"
    ),
    (
      loop(accelerator: 1) + "\n" + buffers
        + receive(1, "result: hash"), .expectation,
      "message 1: the result has 64 bytes, expected 32"
    ),
    (
      loop(accelerator: 1) + "\n" + buffers
        + receive(1, "result: decompress"),
      .expectation,
      "message 1: the library makes nothing of the source"
    ),
  ]

  @Test(arguments: failures) func aStepThatSeesSomethingElseFails(
    steps: String, type: FailureType, message: String
  )
    throws
  {
    let run = try run(steps)
    #expect(run.outcome.verdict == .failed(type))
    #expect(run.outcome.message == message)
    let last = steps.split(separator: "\n").count
    #expect(run.outcome.failure?.step?.index == StepIndex(last, of: last))
  }

  @Test func whatAReadHasSavedIsWritten() throws {
    let run = try run(
      """
      - mem_write: {by: rc, address: 0x1000, data: {random: 16B}, save: sent}
      - mem_read: {by: rc, address: 0x1000, length: 16B, save: read}
      - mem_write: {by: rc, address: 0x2000, data: {saved: read}}
      - mem_read: {by: rc, address: 0x2000, length: 16B, expect: {data: {saved: sent}}}
      """)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  // MARK: Resets

  @Test(arguments: ["reset: {node: amu, kind: flr}", "reset: {link: l0, kind: hot}"])
  func theDriverStartsAnewAfterAReset(reset: String) throws {
    let run = try run(
      Self.loop() + "\n" + Self.send
        + "- ams_receive: {node: amu, ami: sw0, ams: 0, messages: 2}\n- \(reset)\n"
        + Self.loop() + "\n" + Self.send
        + Self.receive(2, "data: {fill: 0xfe, length: 64B}")
    )
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  @Test func ringsOfBeforeAResetAreForgotten() throws {
    let run = try run(Self.loop() + "\n- reset: {node: amu, kind: flr}\n" + Self.send)
    #expect(run.outcome.message.hasPrefix("sw0 of amu has no ring"), "\(run.outcome.message)")
  }

  @Test func ringsOfADestroyedSessionAreForgotten() throws {
    let run = try run(
      Self.loop() + "\n- amu: {node: amu, command: PF_ASN_DESTROY}\n" + Self.send)
    #expect(run.outcome.message.hasPrefix("sw0 of amu has no ring"), "\(run.outcome.message)")
  }

  @Test func aStepThatAResetOvertakesFails() throws {
    let run = try run(
      Self.loop() + "\n"
        + """
        - parallel:
            branches:
              - - ams_receive: {node: amu, ami: sw0, ams: 0, messages: 1}
              - - reset: {node: amu, kind: flr}
        """)
    #expect(run.outcome.message == "function 0 of amu was reset before the step was done")
  }

  @Test func aVirtualFunctionStartsAnewAfterItsReset() throws {
    let run = try run(
      """
      - cfg_write: {by: rc, to: amu, capability: sriov, offset: 0x10, size: 2, data: {bytes: 01 00}}
      - cfg_write: {by: rc, to: amu, capability: sriov, offset: 0x8, size: 2, data: {bytes: 09 00}}
      - amu: {node: amu, command: PF_F_ENABLE, args: {f_owner: 1}}
      - amu: {node: amu, function: 1, command: F_PROBE}
      - amu: {node: amu, function: 1, command: F_PROBE}
      - cfg_write: {by: rc, to: "01:00.1", offset: 0x50, size: 2, data: {bytes: 00 80}}
      - amu: {node: amu, exception: E_PF_VF_RESET, expect: {source: 1}}
      - amu: {node: amu, function: 1, command: F_PROBE, expect: {ami_per_f_m1: 1}}
      """)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  @Test func commandsOfParallelBranchesGetTheirOwnResponses() throws {
    let run = try run(
      """
      - parallel:
          branches:
            - - repeat: {times: 5, steps: [{amu: {node: amu, command: PF_PROBE, expect: {max_asn: 8}}}]}
            - - repeat: {times: 5, steps: [{amu: {node: amu, command: F_PROBE, expect: {ami_per_f_m1: 1}}}]}
            - - repeat: {times: 5, steps: [{amu: {node: amu, command: PF_PROBE_AHA, expect: {status: 0}}}]}
      """)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }
}
