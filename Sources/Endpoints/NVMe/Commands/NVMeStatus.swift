/// How a command ended.
///
/// - Layout: status code in bits 7:0, its type in bits 10:8, More in bit 13, Do Not Retry in bit 14.
/// - Source: NVM Express Base 1.4, 4.6.1 "Status Field Definition".
struct NVMeStatus: Hashable, Sendable {
  var rawValue: UInt16

  private init(_ type: UInt16, _ code: UInt16, mayRetry: Bool = false) {
    rawValue = type << 8 | code | (mayRetry ? 0 : 1 << 14)
  }

  static let successful = NVMeStatus(0, 0, mayRetry: true)

  // Generic command status.
  static let invalidOpcode = NVMeStatus(0, 0x01)
  static let invalidField = NVMeStatus(0, 0x02)
  static let identifierConflict = NVMeStatus(0, 0x03)
  static let dataTransferError = NVMeStatus(0, 0x04, mayRetry: true)
  static let internalError = NVMeStatus(0, 0x06, mayRetry: true)
  static let abortRequested = NVMeStatus(0, 0x07)
  static let invalidNamespace = NVMeStatus(0, 0x0b)
  static let commandSequenceError = NVMeStatus(0, 0x0c)
  static let pageOffsetInvalid = NVMeStatus(0, 0x13)
  static let blockOutOfRange = NVMeStatus(0, 0x80)

  // Command specific status.
  static let completionQueueInvalid = NVMeStatus(1, 0x00)
  static let invalidQueueIdentifier = NVMeStatus(1, 0x01)
  static let invalidQueueSize = NVMeStatus(1, 0x02)
  static let eventRequestLimit = NVMeStatus(1, 0x05)
  static let invalidInterruptVector = NVMeStatus(1, 0x08)
  static let invalidLogPage = NVMeStatus(1, 0x09)
  static let invalidQueueDeletion = NVMeStatus(1, 0x0c)
  static let featureNotSaveable = NVMeStatus(1, 0x0d)
  static let featureNotChangeable = NVMeStatus(1, 0x0e)

  // Media and data integrity errors.
  static let writeFault = NVMeStatus(2, 0x80)
  static let unrecoveredReadError = NVMeStatus(2, 0x81)
}
