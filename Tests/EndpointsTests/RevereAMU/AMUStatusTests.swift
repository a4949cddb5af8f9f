import LinkBroker
import PCIe
import RevereInterface
import Testing

@testable import Endpoints

/// Every status of every command, over real TLPs.
@Suite struct AMUStatusTests {
  struct Scenario: Sendable, CustomTestStringConvertible {
    var command: String
    var status: String
    var fields: [String: UInt64] = [:]
    var function = 0
    /// The function is one that the physical function has enabled.
    var isEnabled = true
    var prepare: @Sendable (AMUBench) -> Void = { _ in }
    var testDescription: String { "\(command) \(status)" }

    init(
      _ command: String, _ status: String, _ fields: [String: UInt64] = [:], by function: Int = 0,
      isEnabled: Bool = true, _ prepare: @escaping @Sendable (AMUBench) -> Void = { _ in }
    ) {
      (self.command, self.status, self.fields, self.function) = (command, status, fields, function)
      self.isEnabled = isEnabled
      self.prepare = prepare
    }
  }

  private static let mapOne: @Sendable (AMUBench) -> Void = { $0.openSoftware(0) }
  private static let mapOther: @Sendable (AMUBench) -> Void = {
    $0.command("PF_AMI_SW_MAP", ["PHY_AMI_SW_ID": 0, "AMI_SW_ID": 0, "F_OWNER": 2])
    $0.command("PF_AMI_HW_MAP", ["PHY_AMI_HW_ID": 0, "AMI_HW_ID": 0, "F_OWNER": 2])
  }
  private static let hardwareOne: @Sendable (AMUBench) -> Void = { $0.openHardware(0) }
  private static let loop: @Sendable (AMUBench) -> Void = { $0.openLoop() }
  private static let disabled: @Sendable (AMUBench) -> Void = {
    $0.openLoop()
    $0.command("F_AMI_SW_DISABLE", ["AMI_SW_ID": 0])
    $0.command("F_AMI_HW_DISABLE", ["AMI_HW_ID": 0])
  }
  private static let session: [String: UInt64] = [
    "ASN_ID": 5, "LOG2_MSG_LENGTH": 3, "SRC_PHY_AMI_ID": 2, "DST_PHY_AMI_ID": 3,
  ]
  private static let profiled: @Sendable (AMUBench) -> Void = {
    $0.openSoftware(0)
    $0.openHardware(0)
    $0.connect(
      0, .software(0), .hardware(0), ["PROF_MASK": 3, "PROF_CTL": 1, "PROF_TBL_BASE": 0x10_0000 >> 3])
  }

  static let scenarios: [Scenario] = functions + software + hardware + rings + sessions

  private static let functions: [Scenario] = [
    Scenario("PF_PROBE", "COMMAND_SUCCESSFUL"), Scenario("F_PROBE", "COMMAND_SUCCESSFUL", by: 1),
    Scenario("PF_PROBE_AHA", "CAPABILITIES_RETRIEVED_SUCCESSFULLY"),
    Scenario("PF_PROBE_AHA", "INVALID_AHA_ID", ["AHA_ID": 1]),
    Scenario("PF_F_ENABLE", "FUNCTION_ENABLED", ["F_OWNER": 2]),
    Scenario("PF_F_ENABLE", "F_OWNER_IS_INVALID", ["F_OWNER": 3]),
    Scenario("PF_F_ENABLE", "F_OWNER_IS_INVALID", ["F_OWNER": 0]),
    Scenario("PF_F_DISABLE", "FUNCTION_DISABLED", ["F_OWNER": 1]),
    Scenario("PF_F_DISABLE", "F_OWNER_IS_INVALID", ["F_OWNER": 0]),
    Scenario("PF_F_TRAP_CONFIGURE", "SUCCESS", ["F_OWNER": 2, "ENABLE": 1]),
    Scenario("PF_F_TRAP_CONFIGURE", "F_OWNER_IS_INVALID", ["F_OWNER": 0, "ENABLE": 1]),
    Scenario("PF_F_TRAP_CONFIGURE", "F_OWNER_IS_ENABLED", ["F_OWNER": 1, "ENABLE": 1]),
    Scenario("PF_F_TRAP_RESP", "MESSAGE_COULD_NOT_BE_DELIVERED", ["F_TARGET": 1, "RESP_OPCODE": 2]),
    Scenario("PF_F_TRAP_RESP", "MESSAGE_DELIVERED_TO_VF", ["F_TARGET": 2, "RESP_OPCODE": 2]) { bench in
      bench.command("PF_F_TRAP_CONFIGURE", ["F_OWNER": 2, "ENABLE": 1])
      bench.command("PF_F_ENABLE", ["F_OWNER": 2])
      if let probe = RevereInterface.command("F_PROBE") {
        bench.drivers[2].send(probe.message([:]), in: &bench.fabric)
      }
      bench.run()
    },
    Scenario("F_GET_AMI_MAP", "AMI_MAP_RETRIEVED_SUCCESSFULLY", ["AMI_MAP_BASE": 0x200]),
    Scenario("F_GET_AMI_MAP", "FAULT_WHEN_ACCESSING_AMI_MAP_BUFFER", ["AMI_MAP_BASE": 0x10_0000]),
    Scenario("F_PROF_TABLE_FLUSH", "SUCCESS", [:], profiled),
    Scenario("F_PROF_TABLE_FLUSH", "FAILURE", [:]) { $0.write(AMULayout.control, 1) },
  ]

  private static let software: [Scenario] = [
    Scenario("PF_AMI_SW_MAP", "AMI_SW_MAPPED_SUCCESSFULLY", ["ANY_PHY_AMI_SW": 1]),
    Scenario("PF_AMI_SW_MAP", "F_OWNER_IS_INVALID", ["F_OWNER": 3]),
    Scenario("PF_AMI_SW_MAP", "PHY_AMI_SW_ID_ALREADY_MAPPED", ["AMI_SW_ID": 1], mapOne),
    Scenario("PF_AMI_SW_MAP", "AMI_SW_ID_ALREADY_ASSIGNED_IN_F_OWNER", ["PHY_AMI_SW_ID": 1], mapOne),
    Scenario("PF_AMI_SW_UNMAP", "AMI_SW_UNMAPPED_SUCCESSFULLY", [:], mapOne),
    Scenario("PF_AMI_SW_CONFIGURE", "AMI_SW_CONFIGURED_SUCCESSFULLY"),
    Scenario("PF_AMI_SW_CONFIGURE", "AMI_SW_IS_MAPPED", [:], mapOne),
    Scenario("PF_AMI_SW_SAVE", "AMI_SW_SAVED_SUCCESSFULLY", [:], mapOther),
    Scenario("PF_AMI_SW_SAVE", "INVALID_PHY_AMI_SW_ID", ["PHY_AMI_SW_ID": 16]),
    Scenario("PF_AMI_SW_SAVE", "OWNING_FUNCTION_IS_ENABLED", [:], mapOne),
    Scenario("PF_AMI_SW_RESET", "AMI_SW_RESET_SUCCESSFULLY"),
    Scenario("PF_AMI_SW_RESET", "AMI_SW_IS_MAPPED", [:], mapOne),
    Scenario("F_AMI_SW_CONFIGURE", "AMI_SW_CONFIGURED_SUCCESSFULLY", [:], disabled),
    Scenario("F_AMI_SW_CONFIGURE", "AMI_SW_ID_IS_NOT_MAPPED_IN_FUNCTION", [:], by: 1),
    Scenario("F_AMI_SW_CONFIGURE", "AMI_SW_IS_NOT_DISABLED", [:], mapOne),
    Scenario("F_AMI_SW_SAVE", "AMI_SW_SAVED_SUCCESSFULLY", [:], mapOne),
    Scenario("F_AMI_SW_SAVE", "INVALID_AMI_SW_ID", [:], by: 1, mapOne),
    Scenario("F_AMI_SW_RESET", "AMI_SW_RESET_SUCCESSFULLY", [:], mapOne),
    Scenario("F_AMI_SW_RESET", "INVALID_AMI_SW_ID", [:], by: 1, mapOne),
    Scenario("F_AMI_SW_ENABLE", "AMI_SW_ENABLED_SUCCESSFULLY", [:], disabled),
    Scenario("F_AMI_SW_ENABLE", "AMI_SW_IS_NOT_MAPPED_IN_FUNCTION", [:], by: 1, mapOne),
    Scenario("F_AMI_SW_DISABLE", "AMI_SW_DISABLED_SUCCESSFULLY", [:], disabled),
    Scenario("F_AMI_SW_DISABLE", "AMI_SW_IS_NOT_MAPPED_IN_FUNCTION", [:], by: 1, mapOne),
  ]

  private static let hardware: [Scenario] = [
    Scenario("PF_AMI_HW_MAP", "AMI_HW_MAPPED_SUCCESSFULLY", ["ANY_PHY_AMI_HW": 1]),
    Scenario("PF_AMI_HW_MAP", "F_OWNER_IS_INVALID", ["F_OWNER": 3]),
    Scenario("PF_AMI_HW_MAP", "PHY_AMI_HW_ID_IN_AHA_ID_ALREADY_MAPPED", ["AMI_HW_ID": 1], hardwareOne),
    Scenario("PF_AMI_HW_MAP", "AMI_HW_ID_ALREADY_ASSIGNED_IN_F_OWNER", ["PHY_AMI_HW_ID": 1], hardwareOne),
    Scenario("PF_AMI_HW_UNMAP", "AMI_HW_UNMAPPED_SUCCESSFULLY", [:], hardwareOne),
    Scenario("PF_AMI_HW_CONFIGURE", "AMI_HW_CONFIGURED_SUCCESSFULLY", ["LOG2_HW_CRED_SIZE": 13]),
    Scenario("PF_AMI_HW_CONFIGURE", "INVALID_LOG2_HW_CRED_SIZE_VALUE", ["LOG2_HW_CRED_SIZE": 14]),
    Scenario("PF_AMI_HW_CONFIGURE", "PHY_AMI_HW_ID_WITHIN_AHA_ID_IS_MAPPED", [:], hardwareOne),
    Scenario("PF_AMI_HW_SAVE", "AMI_HW_SAVED_SUCCESSFULLY", [:], mapOther),
    Scenario("PF_AMI_HW_SAVE", "INVALID_PHY_AMI_HW_ID", ["PHY_AMI_HW_ID": 4]),
    Scenario("PF_AMI_HW_SAVE", "OWNING_FUNCTION_IS_ENABLED", [:], hardwareOne),
    Scenario("PF_AMI_HW_RESET", "AMI_HW_RESET_SUCCESSFULLY"),
    Scenario("PF_AMI_HW_RESET", "AMI_HW_IS_MAPPED", [:], hardwareOne),
    Scenario("F_AMI_HW_CONFIGURE", "AMI_HW_CONFIGURED_SUCCESSFULLY", [:], disabled),
    Scenario("F_AMI_HW_CONFIGURE", "AMI_HW_IS_NOT_MAPPED_IN_FUNCTION", [:], by: 1, hardwareOne),
    Scenario("F_AMI_HW_CONFIGURE", "AMI_HW_IS_NOT_DISABLED", [:], hardwareOne),
    Scenario("F_AMI_HW_SAVE", "AMI_HW_SAVED_SUCCESSFULLY", [:], hardwareOne),
    Scenario("F_AMI_HW_SAVE", "INVALID_AMI_HW_ID", [:], by: 1, hardwareOne),
    Scenario("F_AMI_HW_RESET", "AMI_HW_RESET_SUCCESSFULLY", [:], hardwareOne),
    Scenario("F_AMI_HW_RESET", "INVALID_AMI_HW_ID", [:], by: 1, hardwareOne),
    Scenario("F_AMI_HW_ENABLE", "AMI_HW_ENABLED_SUCCESSFULLY", [:], hardwareOne),
    Scenario("F_AMI_HW_ENABLE", "AMI_HW_IS_NOT_MAPPED_IN_FUNCTION", [:], by: 1, hardwareOne),
    Scenario("F_AMI_HW_DISABLE", "AMI_HW_DISABLED_SUCCESSFULLY", [:], hardwareOne),
    Scenario("F_AMI_HW_DISABLE", "AMI_HW_IS_NOT_MAPPED_IN_FUNCTION", [:], by: 1, hardwareOne),
  ]

  private static let rings: [Scenario] = [
    Scenario("PF_AMS_RING_CONFIGURE", "AMS_RING_CONFIGURED_SUCCESSFULLY"),
    Scenario("PF_AMS_RING_CONFIGURE", "AMI_SW_IS_MAPPED", [:], mapOne),
    Scenario("PF_AMS_RING_CONFIGURE", "LOG2_SIZE_OUT_OF_RANGE", ["LOG2_SIZE": 17]),
    Scenario("PF_AMS_RING_SAVE", "AMS_RING_SAVED_SUCCESSFULLY"),
    Scenario("PF_AMS_RING_SAVE", "OWNING_FUNCTION_IS_ENABLED", [:], mapOne),
    Scenario("F_AMS_RING_CONFIGURE", "AMS_RING_CONFIGURED_SUCCESSFULLY", [:], disabled),
    Scenario("F_AMS_RING_CONFIGURE", "AMI_SW_IS_NOT_MAPPED_IN_FUNCTION", [:], by: 1, mapOne),
    Scenario("F_AMS_RING_CONFIGURE", "LOG2_SIZE_OUT_OF_RANGE", ["LOG2_SIZE": 31], disabled),
    Scenario("F_AMS_RING_CONFIGURE", "AMI_SW_IS_NOT_DISABLED", [:], mapOne),
    Scenario("F_AMS_RING_SAVE", "AMS_RING_SAVED_SUCCESSFULLY", [:], mapOne),
    Scenario("F_AMS_RING_SAVE", "INVALID_AMI_SW_ID", [:], by: 1, mapOne),
    Scenario("F_AMS_RING_SAVE", "INVALID_AMS_ID", ["AMS_ID": 32], mapOne),
  ]

  private static let sessions: [Scenario] = [
    Scenario("PF_ASN_CREATE", "ASN_CREATED_SUCCESSFULLY", session),
    Scenario("PF_ASN_CREATE", "REQUESTED_ASN_ID_ALREADY_IN_USE", session.merging(["ASN_ID": 0]) { $1 }, loop),
    Scenario(
      "PF_ASN_CREATE", "LOG2_MSG_LENGTH_OUT_OF_RANGE_", session.merging(["LOG2_MSG_LENGTH": 2]) { $1 }),
    Scenario(
      "PF_ASN_CREATE", "AMS_ALREADY_CONNECTED_TO_AN_ASN", session.merging(["SRC_PHY_AMI_ID": 0]) { $1 },
      loop),
    Scenario("PF_ASN_DESTROY", "ASN_DESTROYED_SUCCESSFULLY", ["ASN_ID": 1], loop),
    Scenario("PF_ASN_DESTROY", "ASN_DOES_NOT_EXIST", ["ASN_ID": 1]),
    Scenario("F_AMS_PROF_CONFIGURE", "PROFILING_CONFIGURED_SUCCESSFULLY", [:], loop),
    Scenario("F_AMS_PROF_CONFIGURE", "INVALID_AMI_ID", ["AMI_ID": 1], loop),
    Scenario("F_AMS_PROF_CONFIGURE", "INVALID_AMS_ID", ["AMS_ID": 1], loop),
    Scenario("F_AMS_PROF_CONFIGURE", "FUNCTION_IS_NOT_THE_MONITORING_OWNER", ["AMS_TYPE": 1]) {
      $0.openSoftware(0)
      $0.openHardware(0)
      $0.connect(0, .software(0), .hardware(0), ["MON_OWNER": 1])
    },
    Scenario("F_AMS_TRACE_CONFIGURE", "TRACING_CONFIGURED_SUCCESSFULLY", ["AMI_TYPE": 1], loop),
    Scenario("F_AMS_TRACE_CONFIGURE", "INVALID_AMI_ID", ["AMI_ID": 1], loop),
    Scenario("F_AMS_TRACE_CONFIGURE", "INVALID_AMS_ID", ["AMS_ID": 40], loop),
    Scenario("F_AMS_TRACE_CONFIGURE", "FUNCTION_IS_NOT_THE_MONITORING_OWNER", ["AMS_TYPE": 1]) {
      $0.openSoftware(0)
      $0.openHardware(0)
      $0.connect(0, .software(0), .hardware(0), ["MON_OWNER": 1])
    },
  ]

  @Test(arguments: scenarios) func commandEndsWithTheStatus(scenario: Scenario) throws {
    // Sockets below 64, so that a number can be out of range.
    let bench = try AMUBench(virtualFunctions: 2) { $0.sockets = 32 }
    bench.command("PF_F_ENABLE", ["F_OWNER": 1])
    scenario.prepare(bench)
    #expect(bench.command(scenario.command, scenario.fields, by: scenario.function) == scenario.status)
    #expect(bench.errorState() == 0)
    // Host memory refuses what the buffer of a command was looked for in.
    let isFault = scenario.status == "FAULT_WHEN_ACCESSING_AMI_MAP_BUFFER"
    #expect(bench.violations == (isFault ? [.unsupportedRequest] : []))
  }

  @Test func everyStatusOfTheInterfaceIsAmongTheScenarios() {
    let seen = Set(Self.scenarios.map { "\($0.command) \($0.status)" })
    let due = Set(
      RevereInterface.commands.flatMap { command in command.statuses.map { "\(command.name) \($0)" } })
    #expect(seen == due)
  }
}
