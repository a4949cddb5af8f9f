// tidy: table

/// A management command of the Revere-AMU interface with the names of its fields, in lower case.
///
/// - Source: programming interface of the Arm Revere-AMU, architecture major revision 3.
struct AMUCommand: Sendable {
  var name: String
  var request: [String]
  var response: [String]

  static func named(_ name: String) -> AMUCommand? { all.first { $0.name == name } }

  /// All commands, by opcode; the opcode itself is left out of the request, as the command's name gives it.
  static let all: [AMUCommand] = [
    AMUCommand(name: "PF_PROBE", request: [], response: ["status", "max_ami_sw", "max_asn", "num_aha"]),
    AMUCommand(
      name: "F_PROBE", request: [],
      response: ["status", "asn_prof_n_counters", "ami_per_f_m1", "pasid_width", "pasid_supported"]),
    AMUCommand(name: "PF_F_ENABLE", request: ["f_owner"], response: ["status"]),
    AMUCommand(name: "PF_F_DISABLE", request: ["f_owner"], response: ["status", "trap_config"]),
    AMUCommand(
      name: "PF_AMI_SW_MAP", request: ["phy_ami_sw_id", "any_phy_ami_sw", "ami_sw_id", "f_owner"],
      response: ["status", "phy_ami_sw_id"]),
    AMUCommand(name: "PF_AMI_SW_UNMAP", request: ["phy_ami_sw_id"], response: ["status"]),
    AMUCommand(
      name: "PF_AMI_SW_CONFIGURE",
      request: [
        "phy_ami_sw_id", "pasid", "pasid_enabled", "tx_vector", "tx_irq_enable", "rx_vector", "rx_irq_enable",
        "enable", "typeb_tbl_base",
      ], response: ["status"]),
    AMUCommand(
      name: "PF_AMI_SW_SAVE", request: ["phy_ami_sw_id"],
      response: [
        "status", "pasid", "pasid_enabled", "tx_vector", "tx_irq_enable", "rx_vector", "rx_irq_enable",
        "enable", "mapped", "typeb_tbl_base", "ami_sw_id", "f_owner",
      ]),
    AMUCommand(name: "PF_AMI_SW_RESET", request: ["phy_ami_sw_id"], response: ["status"]),
    AMUCommand(
      name: "F_AMI_SW_CONFIGURE",
      request: [
        "ami_sw_id", "pasid", "pasid_enabled", "tx_vector", "tx_irq_enable", "rx_vector", "rx_irq_enable",
        "typeb_tbl_base",
      ], response: ["status"]),
    AMUCommand(
      name: "F_AMI_SW_SAVE", request: ["ami_sw_id"],
      response: [
        "status", "pasid", "pasid_enabled", "tx_vector", "tx_irq_enable", "rx_vector", "rx_irq_enable",
        "typeb_tbl_base",
      ]),
    AMUCommand(name: "F_AMI_SW_RESET", request: ["ami_sw_id"], response: ["status"]),
    AMUCommand(name: "F_AMI_SW_ENABLE", request: ["ami_sw_id"], response: ["status"]),
    AMUCommand(name: "F_AMI_SW_DISABLE", request: ["ami_sw_id"], response: ["status"]),
    AMUCommand(
      name: "PF_ASN_CREATE",
      request: [
        "prio", "dst_ami_type", "src_ami_type", "mon_owner", "src_phy_ami_id", "src_aha_id", "dst_phy_ami_id",
        "dst_aha_id", "dst_ams", "src_ams", "stash_enable", "asn_id", "stash_ctl", "prof_mask",
        "prof_tbl_base", "prof_ctl", "trace_ctl", "stash_dest", "mfo", "mf_ob_buf_num", "log2_msg_length",
      ], response: ["status"]),
    AMUCommand(
      name: "PF_ASN_DESTROY", request: ["asn_id"],
      response: [
        "status", "prio", "dst_ami_type", "src_ami_type", "mon_owner", "src_phy_ami_id", "src_aha_id",
        "dst_phy_ami_id", "dst_aha_id", "dst_ams", "src_ams", "stash_enable", "prof_ctl", "trace_ctl",
        "stash_ctl", "prof_mask", "prof_tbl_base", "stash_dest", "mfo", "mf_ob_buf_num", "log2_msg_length",
      ]),
    AMUCommand(
      name: "PF_AMS_RING_CONFIGURE",
      request: ["phy_ami_sw_id", "ams_id", "ams_type", "rx_mode", "log2_size", "threshold", "ring_base"],
      response: ["status"]),
    AMUCommand(
      name: "PF_AMS_RING_SAVE", request: ["phy_ami_sw_id", "ams_id", "ams_type"],
      response: ["status", "rx_mode", "log2_size", "threshold", "ring_base"]),
    AMUCommand(
      name: "F_AMS_RING_CONFIGURE",
      request: ["ami_sw_id", "ams_id", "ams_type", "rx_mode", "log2_size", "threshold", "ring_base"],
      response: ["status"]),
    AMUCommand(
      name: "F_AMS_RING_SAVE", request: ["ami_sw_id", "ams_id", "ams_type"],
      response: ["status", "rx_mode", "log2_size", "threshold", "ring_base"]),
    AMUCommand(
      name: "PF_AMI_HW_MAP", request: ["aha_id", "phy_ami_hw_id", "any_phy_ami_hw", "ami_hw_id", "f_owner"],
      response: ["status", "phy_ami_hw_id"]),
    AMUCommand(name: "PF_AMI_HW_UNMAP", request: ["phy_ami_hw_id", "aha_id"], response: ["status"]),
    AMUCommand(
      name: "PF_AMI_HW_CONFIGURE",
      request: ["phy_ami_hw_id", "aha_id", "pasid", "pasid_enabled", "log2_hw_cred_size", "enable"],
      response: ["status"]),
    AMUCommand(
      name: "PF_AMI_HW_SAVE", request: ["phy_ami_hw_id", "aha_id"],
      response: ["status", "pasid", "pasid_enabled", "log2_hw_cred_size", "enable"]),
    AMUCommand(name: "PF_AMI_HW_RESET", request: ["phy_ami_hw_id", "aha_id"], response: ["status"]),
    AMUCommand(name: "F_PROF_TABLE_FLUSH", request: [], response: ["status"]),
    AMUCommand(
      name: "F_AMI_HW_CONFIGURE", request: ["ami_hw_id", "pasid", "pasid_enabled"], response: ["status"]),
    AMUCommand(
      name: "F_AMI_HW_SAVE", request: ["ami_hw_id"], response: ["status", "pasid", "pasid_enabled"]),
    AMUCommand(name: "F_AMI_HW_RESET", request: ["ami_hw_id"], response: ["status"]),
    AMUCommand(name: "F_AMI_HW_ENABLE", request: ["ami_hw_id"], response: ["status"]),
    AMUCommand(name: "F_AMI_HW_DISABLE", request: ["ami_hw_id"], response: ["status"]),
    AMUCommand(
      name: "F_AMS_PROF_CONFIGURE",
      request: ["ami_id", "ami_type", "ams_id", "ams_type", "prof_mask", "prof_tbl_base", "prof_ctl"],
      response: ["status"]),
    AMUCommand(
      name: "F_AMS_TRACE_CONFIGURE", request: ["ami_id", "ami_type", "ams_id", "ams_type", "trace_ctl"],
      response: ["status"]),
    AMUCommand(name: "PF_PROBE_AHA", request: ["aha_id"], response: ["status", "aha_iidr"]),
    AMUCommand(name: "PF_F_TRAP_CONFIGURE", request: ["f_owner", "enable"], response: ["status"]),
    AMUCommand(
      name: "PF_F_TRAP_RESP", request: ["f_target", "resp_opcode", "status", "payload"], response: ["status"]),
    AMUCommand(name: "F_GET_AMI_MAP", request: ["ami_map_base"], response: ["status"]),
  ]
}
