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
    if function.status(of: operation) != nil { complete(operation, in: &fabric) }
  }

  /// A read of the function has ended: the controller's own, or one of a suite's steps.
  mutating func transferEnded(_ operation: RequestOperation, in fabric: inout Fabric) {
    complete(operation, in: &fabric)
    pump(in: &fabric)
  }

  private mutating func complete(_ operation: RequestOperation, in fabric: inout Fabric) {
    guard operation.index < transfers.purposes.count else { return }
    let purpose = transfers.purposes[operation.index]
    guard purpose != .none else { return }
    transfers.purposes[operation.index] = .none
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
      guard !letGo(slot), isRunning, slots.entries[slot].outstanding == 0 else { return }
      if slots.entries[slot].hasFailed { return complete(slot, .dataTransferError, in: &fabric) }
      takeData(slot, in: &fabric)
    }
  }

  /// Whether the command has been abandoned; its slot is freed with the last read.
  private mutating func letGo(_ slot: Int) -> Bool {
    guard slots.entries[slot].isAbandoned else { return false }
    if slots.entries[slot].outstanding == 0 { slots.release(slot) }
    return true
  }
}
