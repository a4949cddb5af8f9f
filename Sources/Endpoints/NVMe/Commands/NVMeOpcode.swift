/// The admin commands that the controller has.
///
/// - Source: NVM Express Base 1.4, 5 "Admin Command Set", figure 139.
enum NVMeAdminOpcode: UInt8, Sendable {
  case deleteSubmissionQueue = 0x00
  case createSubmissionQueue = 0x01
  case getLogPage = 0x02
  case deleteCompletionQueue = 0x04
  case createCompletionQueue = 0x05
  case identify = 0x06
  case abort = 0x08
  case setFeatures = 0x09
  case getFeatures = 0x0a
  case asynchronousEventRequest = 0x0c
}

/// The commands of I/O queues that the controller has.
///
/// - Source: NVM Express Base 1.4, 6 "NVM Command Set", figure 346.
enum NVMeOpcode: UInt8, Sendable {
  case flush = 0x00
  case write = 0x01
  case read = 0x02
  case writeZeroes = 0x08
  case datasetManagement = 0x09
}
