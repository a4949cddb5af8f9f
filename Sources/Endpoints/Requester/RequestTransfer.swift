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
}
