import Testing

@testable import SuiteLanguage

/// Steps about a Revere-AMU: names and ranges are those of its interface, and checked at load time.
struct ManagementStepTests {
  private static func heads(_ step: String, node: String = "{ami_sw: 2, ami_hw: 1, asn: 4, vfs: 1}")
    -> [String]
  {
    Example.heads(
      """
      format: 1
      suite: s
      topology:
        nodes:
          rc: {model: root-complex}
          amu: {model: revere-amu, amu: \(node)}
        links:
          l0: {upstream: rc, downstream: amu}
      cases:
        c: {steps: [{\(step)}]}

      """)
  }

  static let mistakes: [(String, String)] = [
    (
      "amu: {node: amu, error_state: full}",
      "'full' is no error state; it is one of command-fault, response-fault, "
    ),
    (
      "amu: {node: amu, error_state: trace-fault, expect: {status: 0}}",
      "'expect' does not go with 'error_state' in amu; it goes with command, exception, trace [suite.exclusive]"
    ),
    (
      "amu: {node: amu, command: F_PROBE, rests_in: command-fault, expect: {status: 0}}",
      "'rests_in' and 'expect' exclude each other in amu [suite.exclusive]"
    ),
    ("amu: {node: amu, trace: 4}", "trace is 4; it must be 0 to 3"),
    (
      "translate: {at: amu, address: 0x1000}",
      "'amu' translates no addresses; only a root complex that is a model does [suite.function]"
    ),
    (
      "translate: {at: rc, address: 0x1000, length: 12KiB}",
      "length 12288 is not 4KiB times a power of two, to 64MiB [suite.range]"
    ),
    (
      "translate: {at: rc, address: 0x1000, length: 8KiB}",
      "address 0x1000 is no multiple of 8KiB with room behind it [suite.range]"
    ),
    (
      "translate: {at: rc, address: 0x1000, to: 0x1800}",
      "to 0x1800 is no multiple of 4KiB with room behind it [suite.range]"
    ),
    (
      "translate: {at: rc, address: 0x1000, access: read}",
      "'read' is no access; it is one of read-write, read-only, write-only, none"
    ),
    (
      "translate: {at: rc, address: 0x1000, invalidate: am}", "no node named 'am'; nodes here: rc, amu"
    ),
    (
      "amu: {node: amu, trace: 0, expect: {message: 1}}",
      "trace has no field 'message'; it has asn_id, first, messages, time; did you mean 'messages'?"
    ),
    (
      "amu: {node: amu, command: F_PROBES}",
      "'F_PROBES' is no management command; it is one of PF_PROBE, F_PROBE, "
    ),
    (
      "amu: {node: amu, exception: E_PF_VF_RESETS}",
      "'E_PF_VF_RESETS' is no exception; it is one of E_PF_VF_RESET, E_F_COUNTER_OVERFLOW, "
    ),
    (
      "amu: {node: amu, command: PF_F_ENABLE, args: {f_ower: 1}}",
      "PF_F_ENABLE has no field 'f_ower'; it has f_owner; did you mean 'f_owner'? [suite.unknown-key]"
    ),
    (
      "amu: {node: amu, command: F_PROBE, args: {ami_sw_id: 1}}",
      "F_PROBE has no field 'ami_sw_id'; it has none [suite.unknown-key]"
    ),
    (
      "amu: {node: amu, command: PF_PROBE, expect: {max_asns: 4}}",
      "PF_PROBE has no field 'max_asns'; it has status, max_ami_sw, max_asn, num_aha; "
        + "did you mean 'max_asn'? [suite.unknown-key]"
    ),
    (
      "amu: {node: amu, command: PF_ASN_CREATE, args: {prio: 16}}",
      "prio is 16; it must be 0 to 15 [suite.range]"
    ),
    (
      "amu: {node: amu, command: PF_ASN_CREATE, args: {prio: high}}",
      "'high' is not a number such as 42 or 0x2a [scalar.integer]"
    ),
    (
      "amu: {node: amu, command: F_PROF_TABLE_FLUSH, expect: {status: FAILED}}",
      "F_PROF_TABLE_FLUSH has no status 'FAILED'; it has SUCCESS, FAILURE [suite.unknown-name]"
    ),
    (
      "amu: {node: amu, command: F_PROF_TABLE_FLUSH, expect: {status: 2}}",
      "F_PROF_TABLE_FLUSH has no status '2'; it has SUCCESS, FAILURE [suite.unknown-name]"
    ),
    (
      "amu: {node: amu, exception: E_PF_VF_RESET, expect: {source: 0x10000}}",
      "source is 65536; it must be 0 to 65535 [suite.range]"
    ),
    (
      "amu: {node: amu, exception: E_PF_VF_RESET, args: {source: 1}}",
      "'args' does not go with 'exception' in amu; it goes with command [suite.exclusive]"
    ),
    ("amu: {node: amu, function: 2, command: F_PROBE}", "function is 2; it must be 0 to 1 [suite.range]"),
    (
      "ams_send: {node: amu, ami: sw2, ams: 0, messages: 1, data: {random: 64B}}",
      "no software context 'sw2'; a function has sw0 to sw1 [suite.unknown-name]"
    ),
    (
      "ams_receive: {node: amu, ami: hw0, ams: 0, messages: 1}",
      "no software context 'hw0'; a function has sw0 to sw1 [suite.unknown-name]"
    ),
    (
      "ams_receive: {node: amu, ami: sw00, ams: 0, messages: 1}",
      "no software context 'sw00'; a function has sw0 to sw1 [suite.unknown-name]"
    ),
    (
      "ams_send: {node: amu, ami: sw0, ams: 64, messages: 1, data: {random: 64B}}",
      "ams is 64; it must be 0 to 63 [suite.range]"
    ),
    (
      "ams_send: {node: amu, ami: sw0, ams: 0, messages: 0, data: {random: 64B}}",
      "messages is 0; it must be 1 to 1000000 [suite.range]"
    ),
    (
      "ams_send: {node: amu, ami: sw0, ams: 0, messages: 2, data: {random: 64B}, expect: {accepted: 3}}",
      "accepted is 3; it must be 0 to 2 [suite.range]"
    ),
    (
      "ams_send: {node: amu, ami: sw0, ams: 0, messages: 2}",
      "ams_send needs exactly one of data, buffers [suite.missing-key]"
    ),
    (
      "ams_send: {node: amu, ami: sw0, ams: 0, messages: 1, data: {random: 64B}, "
        + "buffers: {source: 0x0, destination: 0x0, length: 1B}}",
      "'buffers' and 'data' exclude each other in ams_send [suite.exclusive]"
    ),
    (
      "ams_send: {node: amu, ami: sw0, ams: 0, messages: 1, "
        + "buffers: {source: 0x0, destination: 0x0, length: 1GiB}}",
      "1073741824 B in one step; the limit is 256MiB, so use repeat [suite.range]"
    ),
    (
      "ams_send: {node: amu, ami: sw0, ams: 0, messages: 1, "
        + "buffers: {source: 0x0, destination: 0x0, length: 1B, options: 0x100000000}}",
      "options 0x100000000 has more than 32 bits [suite.range]"
    ),
    (
      "ams_receive: {node: amu, ami: sw0, ams: 0, messages: 1, expect: {result: zip}}",
      "'zip' is no result; it is one of copy, inverted, compress, decompress, hash [scalar.choice]"
    ),
    (
      "ams_receive: {node: amu, ami: sw0, ams: 0, messages: 1, expect: {result: copy, status: done}}",
      "'status' and 'result' exclude each other in expect [suite.exclusive]"
    ),
    (
      "ams_receive: {node: amu, ami: sw0, ams: 0, messages: 1, expect: {data: {saved: sent}}}",
      "nothing is saved as 'sent'; nothing is saved before this step [suite.unsaved]"
    ),
  ]

  @Test(arguments: mistakes) func stepsAreChecked(step: String, head: String) {
    let heads = Self.heads(step)
    #expect(heads.count == 1 && heads.first?.contains(": \(head)") == true, "\(heads)")
  }

  @Test func settingsAreChecked() {
    let step = "amu: {node: amu, command: F_PROBE}"
    #expect(Self.heads(step).isEmpty)
    for (settings, text) in [
      ("{ami_sw: 0, ami_hw: 1, asn: 1}", "ami_sw is 0; it must be 1 to 65535"),
      (
        "{ami_sw: 1, ami_hw: 1, asn: 1, accelerators: [zip]}",
        "'zip' is no accelerator; it is one of invert, "
      ),
      ("{ami_sw: 1, ami_hw: 1, asn: 1, ams: 65}", "ams is 65; it must be 1 to 64"),
      ("{ami_sw: 1, ami_hw: 1, asn: 1, type: c}", "'c' is no socket type; it is one of a1, b"),
    ] {
      let heads = Self.heads(step, node: settings)
      #expect(heads.count == 1 && heads.first?.contains(text) == true, "\(heads)")
    }
  }

  @Test func whatAReadSavesIsKnownAfterIt() {
    let heads = Self.heads(
      "mem_read: {by: rc, address: 0x0, length: 8B, save: a}}, "
        + "{mem_write: {by: rc, address: 0x0, data: {saved: a}}"
    )
    #expect(heads.isEmpty, "\(heads)")
    let long = Self.heads(
      "mem_read: {by: rc, address: 0x0, length: 8B, save: a}}, "
        + "{mem_read: {by: rc, address: 0x0, length: 4B, expect: {data: {saved: a}}}")
    #expect(long.count == 1, "\(long)")
  }
}
