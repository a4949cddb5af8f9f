import PCIe
import Simulation

/// A transfer in progress: how much has been asked for and how much has come.
struct RequestTransfer: Sendable {
  var kind = RequestKind.memoryRead
  var isActive = false
  var isDone = false
  var status = RequestStatus.successful
  var address: UInt64 = 0
  var target = FunctionAddress(rawValue: 0)
  var total = 0
  /// Bytes asked for so far.
  var issued = 0
  /// Requests whose completions have not all come.
  var outstanding = 0
  var timeout = VirtualDuration.zero
  /// What a read brings, or what a non-posted write sends.
  var buffer: [UInt8] = []

  /// Whether a request is still to be sent; one that reads no byte has one request too.
  var wantsMore: Bool {
    !isDone && status == .successful && (issued < total || total == 0 && outstanding == 0)
  }

  /// Ends the asking: what has not come is zero, and no more is asked for.
  mutating func fail(_ status: RequestStatus) {
    if self.status == .successful { self.status = status }
    issued = total
    guard kind.isRead else { return }
    for index in buffer.indices { buffer[index] = 0 }
  }
}
