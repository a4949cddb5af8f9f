// tidy: table

extension RevereInterface {
  static let physicalCommands: [InterfaceCommand] = [
    InterfaceCommand(
      "PF_PROBE", 1,
      request: [],
      response: [
        .init("MAX_AMI_SW", 4, 0, 16), .init("MAX_ASN", 8, 0, 21), .init("NUM_AHA", 12, 0, 16),
      ],
      statuses: [
        "COMMAND_SUCCESSFUL"
      ]),
    InterfaceCommand(
      "PF_F_ENABLE", 3,
      request: [
        .init("F_OWNER", 4, 0, 16)
      ],
      response: [],
      statuses: [
        "FUNCTION_ENABLED", "F_OWNER_IS_INVALID",
      ]),
    InterfaceCommand(
      "PF_F_DISABLE", 4,
      request: [
        .init("F_OWNER", 4, 0, 16)
      ],
      response: [
        .init("TRAP_CONFIG", 4, 0, 1)
      ],
      statuses: [
        "FUNCTION_DISABLED", "F_OWNER_IS_INVALID",
      ]),
    InterfaceCommand(
      "PF_AMI_SW_MAP", 6,
      request: [
        .init("PHY_AMI_SW_ID", 4, 0, 16), .init("ANY_PHY_AMI_SW", 4, 16, 1), .init("AMI_SW_ID", 8, 0, 16),
        .init("F_OWNER", 8, 16, 16),
      ],
      response: [
        .init("PHY_AMI_SW_ID", 4, 0, 16)
      ],
      statuses: [
        "AMI_SW_MAPPED_SUCCESSFULLY", "F_OWNER_IS_INVALID", "PHY_AMI_SW_ID_ALREADY_MAPPED",
        "AMI_SW_ID_ALREADY_ASSIGNED_IN_F_OWNER",
      ]),
    InterfaceCommand(
      "PF_AMI_SW_UNMAP", 7,
      request: [
        .init("PHY_AMI_SW_ID", 4, 0, 16)
      ],
      response: [],
      statuses: [
        "AMI_SW_UNMAPPED_SUCCESSFULLY"
      ]),
    InterfaceCommand(
      "PF_AMI_SW_CONFIGURE", 8,
      request: [
        .init("PHY_AMI_SW_ID", 4, 0, 16), .init("PASID", 8, 0, 20), .init("PASID_ENABLED", 8, 20, 1),
        .init("TX_VECTOR", 12, 0, 11), .init("TX_IRQ_ENABLE", 12, 31, 1), .init("RX_VECTOR", 16, 0, 11),
        .init("RX_IRQ_ENABLE", 16, 31, 1), .init("ENABLE", 24, 0, 1), .init("TYPEB_TBL_BASE", 24, 12, 52),
      ],
      response: [],
      statuses: [
        "AMI_SW_CONFIGURED_SUCCESSFULLY", "AMI_SW_IS_MAPPED",
      ]),
    InterfaceCommand(
      "PF_AMI_SW_SAVE", 9,
      request: [
        .init("PHY_AMI_SW_ID", 4, 0, 16)
      ],
      response: [
        .init("PASID", 4, 0, 20), .init("PASID_ENABLED", 4, 20, 1), .init("TX_VECTOR", 8, 0, 11),
        .init("TX_IRQ_ENABLE", 8, 31, 1), .init("RX_VECTOR", 12, 0, 11), .init("RX_IRQ_ENABLE", 12, 31, 1),
        .init("ENABLE", 16, 0, 1), .init("MAPPED", 16, 1, 1), .init("TYPEB_TBL_BASE", 16, 12, 52),
        .init("AMI_SW_ID", 24, 0, 16), .init("F_OWNER", 24, 16, 16),
      ],
      statuses: [
        "AMI_SW_SAVED_SUCCESSFULLY", "INVALID_PHY_AMI_SW_ID", "OWNING_FUNCTION_IS_ENABLED",
      ]),
    InterfaceCommand(
      "PF_AMI_SW_RESET", 10,
      request: [
        .init("PHY_AMI_SW_ID", 4, 0, 16)
      ],
      response: [],
      statuses: [
        "AMI_SW_RESET_SUCCESSFULLY", "AMI_SW_IS_MAPPED",
      ]),
    InterfaceCommand(
      "PF_ASN_CREATE", 16,
      request: [
        .init("PRIO", 4, 0, 4), .init("DST_AMI_TYPE", 4, 4, 1), .init("SRC_AMI_TYPE", 4, 5, 1),
        .init("MON_OWNER", 4, 6, 16), .init("SRC_PHY_AMI_ID", 8, 0, 16), .init("SRC_AHA_ID", 8, 16, 16),
        .init("DST_PHY_AMI_ID", 12, 0, 16), .init("DST_AHA_ID", 12, 16, 16), .init("DST_AMS", 16, 0, 6),
        .init("SRC_AMS", 16, 6, 6), .init("STASH_ENABLE", 16, 12, 1), .init("ASN_ID", 20, 0, 28),
        .init("STASH_CTL", 24, 0, 64), .init("PROF_MASK", 32, 0, 64), .init("PROF_TBL_BASE", 40, 3, 61),
        .init("PROF_CTL", 48, 0, 16), .init("TRACE_CTL", 48, 16, 16), .init("STASH_DEST", 52, 0, 32),
        .init("MFO", 56, 0, 3), .init("MF_OB_BUF_NUM", 56, 3, 7), .init("LOG2_MSG_LENGTH", 56, 10, 4),
      ],
      response: [],
      statuses: [
        "ASN_CREATED_SUCCESSFULLY", "REQUESTED_ASN_ID_ALREADY_IN_USE", "LOG2_MSG_LENGTH_OUT_OF_RANGE_",
        "AMS_ALREADY_CONNECTED_TO_AN_ASN",
      ]),
    InterfaceCommand(
      "PF_ASN_DESTROY", 17,
      request: [
        .init("ASN_ID", 4, 0, 28)
      ],
      response: [
        .init("PRIO", 4, 0, 4), .init("DST_AMI_TYPE", 4, 4, 1), .init("SRC_AMI_TYPE", 4, 5, 1),
        .init("MON_OWNER", 4, 6, 16), .init("SRC_PHY_AMI_ID", 8, 0, 16), .init("SRC_AHA_ID", 8, 16, 16),
        .init("DST_PHY_AMI_ID", 12, 0, 16), .init("DST_AHA_ID", 12, 16, 16), .init("DST_AMS", 16, 0, 6),
        .init("SRC_AMS", 16, 6, 6), .init("STASH_ENABLE", 16, 12, 1), .init("PROF_CTL", 20, 0, 16),
        .init("TRACE_CTL", 20, 16, 16), .init("STASH_CTL", 24, 0, 64), .init("PROF_MASK", 32, 0, 64),
        .init("PROF_TBL_BASE", 40, 3, 61), .init("STASH_DEST", 48, 0, 32), .init("MFO", 52, 0, 3),
        .init("MF_OB_BUF_NUM", 52, 3, 7), .init("LOG2_MSG_LENGTH", 52, 10, 4),
      ],
      statuses: [
        "ASN_DESTROYED_SUCCESSFULLY", "ASN_DOES_NOT_EXIST",
      ]),
    InterfaceCommand(
      "PF_AMS_RING_CONFIGURE", 18,
      request: [
        .init("PHY_AMI_SW_ID", 4, 0, 16), .init("AMS_ID", 8, 0, 6), .init("AMS_TYPE", 8, 6, 1),
        .init("RX_MODE", 12, 0, 1), .init("LOG2_SIZE", 12, 1, 5), .init("THRESHOLD", 12, 6, 4),
        .init("RING_BASE", 16, 3, 61),
      ],
      response: [],
      statuses: [
        "AMS_RING_CONFIGURED_SUCCESSFULLY", "AMI_SW_IS_MAPPED", "LOG2_SIZE_OUT_OF_RANGE",
      ]),
    InterfaceCommand(
      "PF_AMS_RING_SAVE", 19,
      request: [
        .init("PHY_AMI_SW_ID", 4, 0, 16), .init("AMS_ID", 8, 0, 6), .init("AMS_TYPE", 8, 6, 1),
      ],
      response: [
        .init("RX_MODE", 4, 0, 1), .init("LOG2_SIZE", 4, 1, 5), .init("THRESHOLD", 4, 6, 4),
        .init("RING_BASE", 8, 3, 61),
      ],
      statuses: [
        "AMS_RING_SAVED_SUCCESSFULLY", "OWNING_FUNCTION_IS_ENABLED",
      ]),
    InterfaceCommand(
      "PF_AMI_HW_MAP", 23,
      request: [
        .init("AHA_ID", 4, 0, 17), .init("PHY_AMI_HW_ID", 8, 0, 16), .init("ANY_PHY_AMI_HW", 8, 16, 1),
        .init("AMI_HW_ID", 12, 0, 16), .init("F_OWNER", 12, 16, 16),
      ],
      response: [
        .init("PHY_AMI_HW_ID", 4, 0, 16)
      ],
      statuses: [
        "AMI_HW_MAPPED_SUCCESSFULLY", "F_OWNER_IS_INVALID", "PHY_AMI_HW_ID_IN_AHA_ID_ALREADY_MAPPED",
        "AMI_HW_ID_ALREADY_ASSIGNED_IN_F_OWNER",
      ]),
    InterfaceCommand(
      "PF_AMI_HW_UNMAP", 24,
      request: [
        .init("PHY_AMI_HW_ID", 4, 0, 16), .init("AHA_ID", 4, 16, 16),
      ],
      response: [],
      statuses: [
        "AMI_HW_UNMAPPED_SUCCESSFULLY"
      ]),
    InterfaceCommand(
      "PF_AMI_HW_CONFIGURE", 25,
      request: [
        .init("PHY_AMI_HW_ID", 4, 0, 16), .init("AHA_ID", 4, 16, 16), .init("PASID", 8, 0, 20),
        .init("PASID_ENABLED", 8, 20, 1), .init("LOG2_HW_CRED_SIZE", 8, 21, 4), .init("ENABLE", 8, 25, 1),
      ],
      response: [],
      statuses: [
        "AMI_HW_CONFIGURED_SUCCESSFULLY", "INVALID_LOG2_HW_CRED_SIZE_VALUE",
        "PHY_AMI_HW_ID_WITHIN_AHA_ID_IS_MAPPED",
      ]),
    InterfaceCommand(
      "PF_AMI_HW_SAVE", 26,
      request: [
        .init("PHY_AMI_HW_ID", 4, 0, 16), .init("AHA_ID", 4, 16, 16),
      ],
      response: [
        .init("PASID", 4, 0, 20), .init("PASID_ENABLED", 4, 20, 1), .init("LOG2_HW_CRED_SIZE", 4, 21, 4),
        .init("ENABLE", 4, 25, 1),
      ],
      statuses: [
        "AMI_HW_SAVED_SUCCESSFULLY", "INVALID_PHY_AMI_HW_ID", "OWNING_FUNCTION_IS_ENABLED",
      ]),
    InterfaceCommand(
      "PF_AMI_HW_RESET", 27,
      request: [
        .init("PHY_AMI_HW_ID", 4, 0, 16), .init("AHA_ID", 4, 16, 16),
      ],
      response: [],
      statuses: [
        "AMI_HW_RESET_SUCCESSFULLY", "AMI_HW_IS_MAPPED",
      ]),
    InterfaceCommand(
      "PF_PROBE_AHA", 37,
      request: [
        .init("AHA_ID", 4, 0, 16)
      ],
      response: [
        .init("AHA_IIDR", 8, 0, 64)
      ],
      statuses: [
        "CAPABILITIES_RETRIEVED_SUCCESSFULLY", "INVALID_AHA_ID",
      ]),
    InterfaceCommand(
      "PF_F_TRAP_CONFIGURE", 38,
      request: [
        .init("F_OWNER", 4, 0, 16), .init("ENABLE", 4, 16, 1),
      ],
      response: [],
      statuses: [
        "SUCCESS", "F_OWNER_IS_INVALID", "F_OWNER_IS_ENABLED",
      ]),
    InterfaceCommand(
      "PF_F_TRAP_RESP", 39,
      request: [
        .init("F_TARGET", 0, 16, 16), .init("RESP_OPCODE", 4, 0, 16), .init("STATUS", 4, 16, 16),
        .init("PAYLOAD", 8, 0, 0),
      ],
      response: [],
      statuses: [
        "MESSAGE_DELIVERED_TO_VF", "MESSAGE_COULD_NOT_BE_DELIVERED",
      ]),
  ]
}
