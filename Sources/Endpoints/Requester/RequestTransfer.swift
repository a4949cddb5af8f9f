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
  /// The prefix of its requests.
  var prefix: TLPPrefix?
  /// What a read brings, or what a non-posted write sends.
  var buffer: [UInt8] = []

  /// Whether a request is still to be sent; one that reads no byte has one request too.
  var wantsMore: Bool {
    !isDone && status == .successful && (issued < total || total == 0 && outstanding == 0)
  }

  /// Begins anew; the buffer takes as many bytes.
  @inline(__always)
  mutating func open(_ kind: RequestKind, total: Int, timeout: VirtualDuration) {
    self.kind = kind
    isActive = true
    isDone = false
    status = .successful
    self.total = total
    issued = 0
    outstanding = 0
    self.timeout = timeout
    prefix = nil
    let count = buffer.count
    if count > total {
      buffer.removeLast(count - total)
    } else {
      var missing = total - count
      while missing > 0 {
        buffer.append(contentsOf: Self.zeros.prefix(missing))
        missing -= Self.zeros.count
      }
    }
  }

  /// What buffers grow by: a copy of many bytes, where one by one would take the time of tests.
  private static let zeros = [UInt8](repeating: 0, count: 4096)

  /// One request of a transfer.
  struct Piece {
    var kind: RequestKind
    var address: UInt64
    /// Where its bytes begin in the buffer.
    var offset: Int
    var count: Int
    var target: FunctionAddress
    var timeout: VirtualDuration
    var prefix: TLPPrefix?
  }

  /// Takes the next request: of a memory read as many bytes as the limit and the 4 KiB rule allow.
  @inline(__always)
  mutating func takePiece(limit: Int) -> Piece {
    let place = address &+ UInt64(truncatingIfNeeded: issued)
    let left = total - issued
    let count = kind == .memoryRead ? Requester.pieceBytes(place, left, limit: limit) : left
    let piece = Piece(
      kind: kind, address: place, offset: issued, count: count, target: target, timeout: timeout,
      prefix: prefix)
    issued += count
    outstanding += 1
    return piece
  }

  /// One request has got all its completions.
  @inline(__always)
  mutating func close() {
    outstanding -= 1
    if outstanding == 0, issued >= total { isDone = true }
  }

  /// Ends the asking: what has not come is zero, and no more is asked for.
  mutating func fail(_ status: RequestStatus) {
    if self.status == .successful { self.status = status }
    issued = total
    guard kind.isRead else { return }
    for index in buffer.indices { buffer[index] = 0 }
  }
}
