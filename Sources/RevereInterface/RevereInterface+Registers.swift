// tidy: table

extension RevereInterface {
  /// The registers of BAR0: those of the management page, and those of a page of a software context.
  public static let registers: [InterfaceRegister] = [
    InterfaceRegister("Management page", 0x0),
    InterfaceRegister("TX_DIGEST", 0x0),
    InterfaceRegister(
      "AMU_IDR", 0x0,
      fields: [
        .init("MIN_LOG2_MSG_LENGTH", 31, 28), .init("MAX_LOG2_MSG_LENGTH", 27, 24),
        .init("MAX_LOG2_SIZE", 23, 19), .init("ASN_PROF", 18, 18), .init("TRACING", 17, 17),
        .init("AMI_TYPE", 16, 12), .init("NUM_RX_AMS_M1", 11, 6), .init("NUM_TX_AMS_M1", 5, 0),
      ]),
    InterfaceRegister("TX_DIGEST_MASK", 0x8),
    InterfaceRegister(
      "AMU_AIDR", 0x8,
      fields: [
        .init("ArchMajorRev", 7, 4), .init("ArchMinorRev", 3, 0),
      ]),
    InterfaceRegister("AMU_IIDR", 0x10),
    InterfaceRegister(
      "AMU_CR", 0x18,
      fields: [
        .init("ASN_PROF_EN", 18, 18), .init("TRACE_EN", 17, 17), .init("VF_TRACE_EN", 1, 1),
        .init("AMU_EN", 0, 0),
      ]),
    InterfaceRegister(
      "AMU_SR", 0x20,
      fields: [
        .init("ERROR_STATE", 15, 0)
      ]),
    InterfaceRegister(
      "MGT_RX_VECTOR", 0x28,
      fields: [
        .init("RX_VECTOR", 30, 0)
      ]),
    InterfaceRegister(
      "MGT_TX_VECTOR", 0x30,
      fields: [
        .init("TX_VECTOR", 10, 0)
      ]),
    InterfaceRegister(
      "MGT_RX_IRQ_CTRL", 0x40,
      fields: [
        .init("Enable", 0, 0)
      ]),
    InterfaceRegister(
      "MGT_TX_IRQ_CTRL", 0x48,
      fields: [
        .init("Enable", 0, 0)
      ]),
    InterfaceRegister(
      "MGT_TRACE_RX_CTRL", 0x50,
      fields: [
        .init("RX_MODE", 0, 0)
      ]),
    InterfaceRegister(
      "ERR_IRQ_CTRL", 0x58,
      fields: [
        .init("Enable", 63, 63), .init("Vector", 30, 0),
      ]),
    InterfaceRegister("MSK_BASE_PTR", 0x60),
    InterfaceRegister(
      "MSK_CTRL", 0x68,
      fields: [
        .init("THRESHOLD", 12, 9), .init("LOG2_MSG_LENGTH", 8, 5), .init("LOG2_SIZE", 4, 0),
      ]),
    InterfaceRegister("READ_INDEX_TX0", 0x400),
    InterfaceRegister("READ_INDEX_TX1", 0x408),
    InterfaceRegister("READ_INDEX_TX63", 0x5f8),
    InterfaceRegister("WRITE_INDEX_TX0", 0x600),
    InterfaceRegister("WRITE_INDEX_TX1", 0x608),
    InterfaceRegister("WRITE_INDEX_TX63", 0x7f8),
    InterfaceRegister("RX_DIGEST", 0x800),
    InterfaceRegister("RX_DIGEST_MASK", 0x808),
    InterfaceRegister("READ_INDEX_RX0", 0xc00),
    InterfaceRegister("READ_INDEX_RX1", 0xc08),
    InterfaceRegister("READ_INDEX_RX63", 0xdf8),
    InterfaceRegister("WRITE_INDEX_RX0", 0xe00),
    InterfaceRegister("WRITE_INDEX_RX1", 0xe08),
    InterfaceRegister("WRITE_INDEX_RX63", 0xff8),
    InterfaceRegister("MGT_TX_DIGEST", 0x1000),
    InterfaceRegister("MGT_TX_DIGEST_MASK", 0x1008),
    InterfaceRegister("MGT_READ_INDEX_TX0", 0x1400),
    InterfaceRegister("MGT_WRITE_INDEX_TX0", 0x1600),
    InterfaceRegister("MGT_RX_DIGEST", 0x1800),
    InterfaceRegister("MGT_RX_DIGEST_MASK", 0x1808),
    InterfaceRegister("MGT_READ_INDEX_RX0", 0x1c00),
    InterfaceRegister("MGT_READ_INDEX_RX1", 0x1c08),
    InterfaceRegister("READ_INDEX_RX2", 0x1c10),
    InterfaceRegister("MGT_WRITE_INDEX_RX0", 0x1e00),
    InterfaceRegister("MGT_WRITE_INDEX_RX1", 0x1e08),
    InterfaceRegister("WRITE_INDEX_RX2", 0x1e10),
    InterfaceRegister("AMI-SW page #0", 0x10000),
  ]
}
