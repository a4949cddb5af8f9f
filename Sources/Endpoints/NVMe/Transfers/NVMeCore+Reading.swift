import LinkBroker
import PCIe

// DMA reads.
extension NVMeCore {
  /// Starts a read; what ends at once is told as all others are.
  mutating func read(
    _ address: UInt64, count: Int, for purpose: NVMeTransferPurpose, in fabric: inout Fabric
  ) {
    guard let operation = function.beginRead(address: address, count: count, in: &fabric) else {
      return ended(.notSent, nil, purpose, in: &fabric)
    }
    while transfers.purposes.count <= operation.index { transfers.purposes.append(.none) }
    transfers.purposes[operation.index] = purpose
    transfers.underWay += 1
    if function.status(of: operation) != nil { complete(operation, in: &fabric) }
  }

  /// A read of the function has ended: the controller's own, or one of a suite's steps.
  mutating func transferEnded(_ operation: RequestOperation, in fabric: inout Fabric) {
    complete(operation, in: &fabric)
    settle(in: &fabric)
    pump(in: &fabric)
  }

  /// Ends the asking of all reads, or of those for a deleted queue: what is under way is still answered, and
  /// nothing comes of it.
  mutating func cancelReads(forDeleted queue: Int? = nil, in fabric: inout Fabric) {
    for place in transfers.purposes.indices {
      let purpose = transfers.purposes[place]
      guard purpose != .none, queue.map({ isOfDeleted($0, purpose) }) ?? true else { continue }
      let operation = RequestOperation(index: place)
      function.cancel(operation)
      if function.status(of: operation) != nil { complete(operation, in: &fabric) }
    }
  }

  /// Whether a read is under way for a queue that is deleted.
  func isRead(forDeleted queue: Int) -> Bool {
    transfers.purposes.contains { isOfDeleted(queue, $0) }
  }

  func isOfDeleted(_ queue: Int, _ purpose: NVMeTransferPurpose) -> Bool {
    switch purpose {
    case .none: false
    case .commands(let number, _, let generation):
      number == queue && submissions[queue]?.generation != generation
    case .list(let slot, _), .data(let slot, _, _):
      slots.entries[slot].queue == queue && slots.entries[slot].isAbandoned
    }
  }

  private mutating func complete(_ operation: RequestOperation, in fabric: inout Fabric) {
    guard operation.index < transfers.purposes.count else { return }
    let purpose = transfers.purposes[operation.index]
    guard purpose != .none else { return }
    transfers.purposes[operation.index] = .none
    transfers.underWay -= 1
    let status = function.status(of: operation) ?? .timeout
    ended(status, operation, purpose, in: &fabric)
    function.release(operation)
  }

  private mutating func ended(
    _ status: RequestStatus, _ operation: RequestOperation?, _ purpose: NVMeTransferPurpose,
    in fabric: inout Fabric
  ) {
    switch purpose {
    case .none: break
    case .commands(let queue, let count, let generation):
      fetched(queue, count, generation, status, operation, in: &fabric)
    case .list(let slot, let entries):
      slots.entries[slot].outstanding -= 1
      guard !letGo(slot), isRunning else { return }
      guard status == .successful, let operation else {
        return complete(slot, .dataTransferError, in: &fabric)
      }
      function.copyData(of: operation, count: entries * 8, to: &transfers.list, at: 0)
      takeList(slot, entries, in: &fabric)
    case .data(let slot, let place, let count):
      if status == .successful, let operation {
        function.copyData(of: operation, count: count, to: &slots.entries[slot].buffer, at: place)
      } else {
        slots.entries[slot].hasFailed = true
      }
      slots.entries[slot].outstanding -= 1
      guard !letGo(slot), isRunning else { return }
      ask(slot, in: &fabric)
    }
  }

  /// Whether the command has been abandoned; its slot is freed with the last read.
  private mutating func letGo(_ slot: Int) -> Bool {
    guard slots.entries[slot].isAbandoned else { return false }
    if slots.entries[slot].outstanding == 0 { slots.release(slot) }
    return true
  }
}
