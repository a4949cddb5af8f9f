// tidy: table

extension RevereInterface {
  /// The messages of the exception socket.
  public static let exceptions: [InterfaceException] = [
    InterfaceException(
      "E_PF_VF_RESET", 2,
      fields: [
        .init("SOURCE", 4, 0, 16)
      ]),
    InterfaceException(
      "E_F_COUNTER_OVERFLOW", 3,
      fields: [
        .init("AMI_ID", 4, 0, 16), .init("F_OWNER", 4, 16, 16), .init("AMS_ID", 8, 0, 6),
        .init("AMI_TYPE", 8, 6, 1), .init("AMS_TYPE", 8, 7, 1), .init("COUNTER_ID", 12, 0, 16),
      ]),
    InterfaceException(
      "E_F_AMI_RING_FAULT", 4,
      fields: [
        .init("AMI_ID", 4, 0, 16), .init("AMS_ID", 4, 16, 6),
      ]),
    InterfaceException(
      "E_F_AMI_RING_INVALID_VECTOR", 5,
      fields: [
        .init("AMI_ID", 4, 0, 16), .init("VECTOR_TYPE", 4, 16, 1),
      ]),
    InterfaceException(
      "E_PF_TRAPPED_CMD", 6,
      fields: [
        .init("F_SOURCE_ID", 0, 16, 16), .init("TRAPPED_OPCODE", 4, 0, 16), .init("TRAPPED_CMD", 8, 0, 0),
      ]),
  ]
}
