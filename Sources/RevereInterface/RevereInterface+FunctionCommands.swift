// tidy: table

extension RevereInterface {
  static let functionCommands: [InterfaceCommand] = [
    InterfaceCommand(
      "F_PROBE", 2,
      request: [],
      response: [
        .init("ASN_PROF_N_COUNTERS", 4, 0, 32), .init("AMI_PER_F_M1", 8, 0, 16),
        .init("PASID_WIDTH", 8, 16, 5), .init("PASID_SUPPORTED", 8, 21, 1),
      ],
      statuses: [
        "COMMAND_SUCCESSFUL"
      ]),
    InterfaceCommand(
      "F_AMI_SW_CONFIGURE", 11,
      request: [
        .init("AMI_SW_ID", 4, 0, 16), .init("PASID", 8, 0, 20), .init("PASID_ENABLED", 8, 20, 1),
        .init("TX_VECTOR", 12, 0, 11), .init("TX_IRQ_ENABLE", 12, 31, 1), .init("RX_VECTOR", 16, 0, 11),
        .init("RX_IRQ_ENABLE", 16, 31, 1), .init("TYPEB_TBL_BASE", 24, 12, 52),
      ],
      response: [],
      statuses: [
        "AMI_SW_CONFIGURED_SUCCESSFULLY", "AMI_SW_ID_IS_NOT_MAPPED_IN_FUNCTION", "AMI_SW_IS_NOT_DISABLED",
      ]),
    InterfaceCommand(
      "F_AMI_SW_SAVE", 12,
      request: [
        .init("AMI_SW_ID", 4, 0, 16)
      ],
      response: [
        .init("PASID", 4, 0, 20), .init("PASID_ENABLED", 4, 20, 1), .init("TX_VECTOR", 8, 0, 11),
        .init("TX_IRQ_ENABLE", 8, 31, 1), .init("RX_VECTOR", 12, 0, 11), .init("RX_IRQ_ENABLE", 12, 31, 1),
        .init("TYPEB_TBL_BASE", 16, 12, 52),
      ],
      statuses: [
        "AMI_SW_SAVED_SUCCESSFULLY", "INVALID_AMI_SW_ID",
      ]),
    InterfaceCommand(
      "F_AMI_SW_RESET", 13,
      request: [
        .init("AMI_SW_ID", 4, 0, 16)
      ],
      response: [],
      statuses: [
        "AMI_SW_RESET_SUCCESSFULLY", "INVALID_AMI_SW_ID",
      ]),
    InterfaceCommand(
      "F_AMI_SW_ENABLE", 14,
      request: [
        .init("AMI_SW_ID", 4, 0, 16)
      ],
      response: [],
      statuses: [
        "AMI_SW_ENABLED_SUCCESSFULLY", "AMI_SW_IS_NOT_MAPPED_IN_FUNCTION",
      ]),
    InterfaceCommand(
      "F_AMI_SW_DISABLE", 15,
      request: [
        .init("AMI_SW_ID", 4, 0, 16)
      ],
      response: [],
      statuses: [
        "AMI_SW_DISABLED_SUCCESSFULLY", "AMI_SW_IS_NOT_MAPPED_IN_FUNCTION",
      ]),
    InterfaceCommand(
      "F_AMS_RING_CONFIGURE", 20,
      request: [
        .init("AMI_SW_ID", 4, 0, 16), .init("AMS_ID", 8, 0, 6), .init("AMS_TYPE", 8, 6, 1),
        .init("RX_MODE", 12, 0, 1), .init("LOG2_SIZE", 12, 1, 5), .init("THRESHOLD", 12, 6, 4),
        .init("RING_BASE", 16, 3, 61),
      ],
      response: [],
      statuses: [
        "AMS_RING_CONFIGURED_SUCCESSFULLY", "AMI_SW_IS_NOT_MAPPED_IN_FUNCTION", "LOG2_SIZE_OUT_OF_RANGE",
        "AMI_SW_IS_NOT_DISABLED",
      ]),
    InterfaceCommand(
      "F_AMS_RING_SAVE", 21,
      request: [
        .init("AMI_SW_ID", 4, 0, 16), .init("AMS_ID", 4, 16, 6), .init("AMS_TYPE", 4, 22, 1),
      ],
      response: [
        .init("RX_MODE", 4, 1, 1), .init("LOG2_SIZE", 4, 2, 5), .init("THRESHOLD", 4, 7, 4),
        .init("RING_BASE", 8, 3, 61),
      ],
      statuses: [
        "AMS_RING_SAVED_SUCCESSFULLY", "INVALID_AMI_SW_ID", "INVALID_AMS_ID",
      ]),
    InterfaceCommand(
      "F_PROF_TABLE_FLUSH", 29,
      request: [],
      response: [],
      statuses: [
        "SUCCESS", "FAILURE",
      ]),
    InterfaceCommand(
      "F_AMI_HW_CONFIGURE", 30,
      request: [
        .init("AMI_HW_ID", 4, 0, 16), .init("PASID", 8, 0, 20), .init("PASID_ENABLED", 8, 20, 1),
      ],
      response: [],
      statuses: [
        "AMI_HW_CONFIGURED_SUCCESSFULLY", "AMI_HW_IS_NOT_MAPPED_IN_FUNCTION", "AMI_HW_IS_NOT_DISABLED",
      ]),
    InterfaceCommand(
      "F_AMI_HW_SAVE", 31,
      request: [
        .init("AMI_HW_ID", 4, 0, 16)
      ],
      response: [
        .init("PASID", 4, 0, 20), .init("PASID_ENABLED", 4, 20, 1),
      ],
      statuses: [
        "AMI_HW_SAVED_SUCCESSFULLY", "INVALID_AMI_HW_ID",
      ]),
    InterfaceCommand(
      "F_AMI_HW_RESET", 32,
      request: [
        .init("AMI_HW_ID", 4, 0, 16)
      ],
      response: [],
      statuses: [
        "AMI_HW_RESET_SUCCESSFULLY", "INVALID_AMI_HW_ID",
      ]),
    InterfaceCommand(
      "F_AMI_HW_ENABLE", 33,
      request: [
        .init("AMI_HW_ID", 4, 0, 16)
      ],
      response: [],
      statuses: [
        "AMI_HW_ENABLED_SUCCESSFULLY", "AMI_HW_IS_NOT_MAPPED_IN_FUNCTION",
      ]),
    InterfaceCommand(
      "F_AMI_HW_DISABLE", 34,
      request: [
        .init("AMI_HW_ID", 4, 0, 16)
      ],
      response: [],
      statuses: [
        "AMI_HW_DISABLED_SUCCESSFULLY", "AMI_HW_IS_NOT_MAPPED_IN_FUNCTION",
      ]),
    InterfaceCommand(
      "F_AMS_PROF_CONFIGURE", 35,
      request: [
        .init("AMI_ID", 4, 0, 16), .init("AMI_TYPE", 4, 16, 1), .init("AMS_ID", 4, 17, 6),
        .init("AMS_TYPE", 4, 23, 1), .init("PROF_MASK", 8, 0, 64), .init("PROF_TBL_BASE", 16, 3, 61),
        .init("PROF_CTL", 24, 0, 16),
      ],
      response: [],
      statuses: [
        "PROFILING_CONFIGURED_SUCCESSFULLY", "INVALID_AMI_ID", "INVALID_AMS_ID",
        "FUNCTION_IS_NOT_THE_MONITORING_OWNER",
      ]),
    InterfaceCommand(
      "F_AMS_TRACE_CONFIGURE", 36,
      request: [
        .init("AMI_ID", 4, 0, 16), .init("AMI_TYPE", 4, 16, 1), .init("AMS_ID", 4, 17, 6),
        .init("AMS_TYPE", 4, 23, 1), .init("TRACE_CTL", 8, 0, 16),
      ],
      response: [],
      statuses: [
        "TRACING_CONFIGURED_SUCCESSFULLY", "INVALID_AMI_ID", "INVALID_AMS_ID",
        "FUNCTION_IS_NOT_THE_MONITORING_OWNER",
      ]),
    InterfaceCommand(
      "F_GET_AMI_MAP", 40,
      request: [
        .init("AMI_MAP_BASE", 8, 12, 52)
      ],
      response: [],
      statuses: [
        "AMI_MAP_RETRIEVED_SUCCESSFULLY", "FAULT_WHEN_ACCESSING_AMI_MAP_BUFFER",
      ]),
  ]
}
