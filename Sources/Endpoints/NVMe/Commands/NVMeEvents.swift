/// What has happened without a command, and who waits for it.
///
/// - Source: NVM Express Base 1.4, 5.2 "Asynchronous Event Request command".
struct NVMeEvents: Hashable, Sendable {
  /// AERL: the requests that may wait at a time, less one.
  static let requestsMaxCode: UInt8 = 3

  /// Events of type "error status" and their information, with the log page that says more.
  enum Event: UInt8, Hashable, Sendable {
    case invalidDoorbell = 0
    case invalidDoorbellValue = 1

    /// Dword 0 of the completion: type 0, information, log page 1.
    var result: UInt32 { UInt32(rawValue) << 8 | 1 << 16 }
  }

  /// Identifiers of the requests that wait, the oldest first.
  var waiting: [UInt16] = []
  var pending: [Event] = []
  /// Once an event was told, its type is silent until the log has been read.
  var isMasked = false

  /// Events beyond one of a kind say nothing new.
  mutating func note(_ event: Event) {
    if !isMasked, !pending.contains(event) { pending.append(event) }
  }
}
