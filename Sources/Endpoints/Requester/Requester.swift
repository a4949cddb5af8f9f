import LinkBroker
public import PCIe
public import Simulation

/// Sends requests for a function or a root complex: tags, splitting, reassembly, completion timeout.
///
/// - Complexity: a request or a completion costs constant time and allocates nothing once buffers have their
///   size.
/// - Source: PCI Express Base 5.0, 2.2.6.2 (tags), 2.2.7 (requests), 2.3.1.1 (splitting), 2.8 (timeout).
public struct Requester: ~Copyable, Sendable {
  /// The ID that requests carry; a function learns it from configuration writes.
  public var id = FunctionAddress(rawValue: 0)
  public var limits = RequestLimits()
  var counts = RequestCounts()

  let timer: NodeTimer
  var tags: TagPool
  var pending: ContiguousArray<PendingRequest>
  var transfers: ContiguousArray<RequestTransfer> = []
  var freeTransfers: [Int] = []
  /// Transfers that wait for a tag, the oldest first.
  var waiting: [Int] = []
  /// Of these the ones that ended when their turn came, as they could not be sent any more.
  var stopped: [RequestOperation] = []
  var timerAt = VirtualTime.never
  /// What the requests of a function with address translation services go by.
  var translations = TranslationCache()

  /// - Parameters:
  ///   - tagCount: 32, 256 with extended tags, or 1024 with 10-bit tags.
  ///   - timer: what the fabric calls back with; the owner passes it on to `timerFired`.
  public init(tagCount: Int = 256, timer: NodeTimer) {
    self.timer = timer
    tags = TagPool(count: tagCount)
    pending = ContiguousArray(repeating: PendingRequest(), count: tagCount)
  }

  /// How many requests wait for a completion.
  public var outstandingCount: Int { pending.count - tags.available }

  /// The tags of the requests that wait for a completion.
  var outstandingTags: Set<UInt16> {
    Set(pending.indices.filter { !pending[$0].isFree }.map { UInt16(truncatingIfNeeded: $0) })
  }

  mutating func countRequest() { counts.requests &+= 1 }

  /// Starts all counts anew.
  public mutating func resetCounts() { counts = RequestCounts() }

  /// The requests sent, posted ones included.
  public var requestCount: UInt64 { counts.requests }
  /// The completions taken.
  public var completionCount: UInt64 { counts.completions }
  /// The requests that ended in a completion timeout.
  public var timeoutCount: UInt64 { counts.timeouts }
}

/// What a requester has sent and taken so far.
struct RequestCounts: Sendable {
  var requests: UInt64 = 0
  var completions: UInt64 = 0
  var timeouts: UInt64 = 0
}

/// How large requests may be, and how long they wait.
public struct RequestLimits: Hashable, Sendable {
  /// Max_Payload_Size.
  public var maxPayloadBytes = 128
  /// Max_Read_Request_Size.
  public var maxReadRequestBytes = 512
  /// The Enable bit of address translation services.
  public var translates = false
  /// Bus Master Enable; a root complex may always request.
  public var mayRequest = true
  /// The time a request waits for its completion unless it says otherwise.
  public var completionTimeout = VirtualDuration.milliseconds(50)
  /// What a function waits for at least, whatever software sets.
  var leastCompletionTimeout = VirtualDuration.zero

  public init() {}
}

/// A timer of a node, by the node's number on the fabric and the token it is called back with.
public struct NodeTimer: Hashable, Sendable {
  public var node: Int
  public var token: UInt64

  public init(node: Int, token: UInt64) {
    self.node = node
    self.token = token
  }
}

// What software sees of a transfer.
extension Requester {
  /// The outcome of a transfer, nil while it goes on.
  public func status(of operation: RequestOperation) -> RequestStatus? {
    transfers[operation.index].isDone ? transfers[operation.index].status : nil
  }

  /// The bytes that a read has brought; what did not come is zero.
  public func data(of operation: RequestOperation) -> [UInt8] { transfers[operation.index].buffer }

  /// How many bytes a read brings.
  func byteCount(of operation: RequestOperation) -> Int { transfers[operation.index].total }

  /// Copies bytes that a read has brought.
  public func copyData(
    of operation: RequestOperation, from start: Int = 0, count: Int, to target: inout [UInt8], at offset: Int
  ) {
    copyBytes(from: transfers[operation.index].buffer, at: start, to: &target, at: offset, count: count)
  }

  /// Copies what a read has brought and ends the use of its handle; gives the outcome.
  mutating func take(_ operation: RequestOperation, into target: inout [UInt8]) -> RequestStatus {
    let index = operation.index
    copyBytes(
      from: transfers[index].buffer, at: 0, to: &target, at: 0, count: transfers[index].buffer.count)
    release(operation)
    return transfers[index].status
  }

  /// Ends the asking of a read: nothing more of it is sent, and it ends with the last completion that is due.
  ///
  /// - Complexity: linear in the bytes of the read and in the reads that wait for a tag.
  mutating func cancel(_ operation: RequestOperation) {
    let index = operation.index
    guard transfers[index].isActive, !transfers[index].isDone else { return }
    waiting.removeAll { $0 == index }
    transfers[index].fail(.notSent)
    if transfers[index].outstanding == 0 { transfers[index].isDone = true }
  }

  /// Ends the use of a handle, so that its buffer serves another transfer.
  public mutating func release(_ operation: RequestOperation) {
    precondition(transfers[operation.index].isActive, "a handle is released once")
    precondition(transfers[operation.index].isDone, "a transfer is released when it has ended")
    transfers[operation.index].isActive = false
    freeTransfers.append(operation.index)
  }

  @inline(__always)
  mutating func open(_ kind: RequestKind, total: Int, timeout: VirtualDuration?) -> Int {
    let index: Int
    if let free = freeTransfers.popLast() {
      index = free
    } else {
      index = transfers.count
      transfers.append(RequestTransfer())
      freeTransfers.reserveCapacity(transfers.count)
    }
    transfers[index].open(kind, total: total, timeout: timeout ?? limits.completionTimeout)
    return index
  }

  /// Sees that the timer runs out no later than a deadline.
  @inline(__always)
  mutating func arm(_ deadline: VirtualTime, in fabric: inout Fabric) {
    guard deadline < timerAt, deadline != .never else { return }
    timerAt = deadline
    fabric.setTimer(after: deadline - fabric.now, node: timer.node, token: timer.token)
  }
}

// What an owner needs of a transfer besides its outcome.
extension Requester {
  /// A transfer that needs no TLP, for its data is at hand.
  mutating func readLocally(_ source: [UInt8], at offset: Int, count: Int) -> RequestOperation {
    let index = open(.memoryRead, total: count, timeout: nil)
    copyBytes(from: source, at: offset, to: &transfers[index].buffer, at: 0, count: count)
    transfers[index].issued = count
    transfers[index].isDone = true
    return RequestOperation(index: index)
  }

  /// A transfer that needs no TLP and whose outcome is known.
  mutating func endLocally(_ data: [UInt8], _ status: RequestStatus) -> RequestOperation {
    let operation = readLocally(data, at: 0, count: data.count)
    transfers[operation.index].status = status
    return operation
  }

  /// A request of the transfer, for finding the port it left by.
  func target(of operation: RequestOperation) -> TLPHeader? {
    let transfer = transfers[operation.index]
    switch transfer.kind {
    case .memoryRead, .translation:
      return .memoryRead(address: transfer.address, bytes: 1, requester: id, tag: 0)
    case .ioRead, .ioWrite:
      return .ioRead(address: UInt32(truncatingIfNeeded: transfer.address), bytes: 1, requester: id, tag: 0)
    case .configurationRead, .configurationWrite:
      return .configurationRead(of: transfer.target, offset: 0, bytes: 4, requester: id, tag: 0)
    }
  }
}
