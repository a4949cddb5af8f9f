import LinkBroker
import PCIe

// Completions: behind all data of their command, and before the interrupt.
extension NVMeCore {
  /// Ends a command.
  mutating func complete(
    _ slot: Int, _ status: NVMeStatus, result: UInt32 = 0, in fabric: inout Fabric
  ) {
    let (command, queue) = (slots.entries[slot].command, slots.entries[slot].queue)
    slots.release(slot)
    var status = status
    if status != .successful {
      // The error log says more: NVM Express Base 1.4, 4.6.1.
      status.rawValue |= 1 << 13
      health.log(status, of: command, queue: queue)
    }
    guard let number = submissions[queue]?.completionQueue else { return }
    completions[number]?.reserved -= 1
    post(result, status, command.identifier, queue, in: &fabric)
  }

  /// Posts an entry of a completion queue that has room for it, and raises the queue's vector.
  ///
  /// - Layout: result at 0, head and number of the submission queue at 8, identifier at 12, phase tag in
  ///   bit 0 of the status at 14.
  /// - Source: NVM Express Base 1.4, 4.6 "Completion Queue Entry".
  mutating func post(
    _ result: UInt32, _ status: NVMeStatus, _ identifier: UInt16, _ queue: Int, in fabric: inout Fabric
  ) {
    guard let submission = submissions[queue], let target = completions[submission.completionQueue] else {
      return
    }
    transfers.completion.storeLE(result, at: 0)
    transfers.completion.storeLE(UInt16(submission.head), at: 8)
    transfers.completion.storeLE(UInt16(queue), at: 10)
    transfers.completion.storeLE(identifier, at: 12)
    transfers.completion.storeLE(status.rawValue << 1 | (target.phase ? 1 : 0), at: 14)
    let outcome = function.write(
      address: target.tailAddress, data: transfers.completion, count: CompletionQueue.entryBytes, in: &fabric)
    guard outcome == .successful else { return fail() }
    completions[submission.completionQueue]?.advanceTail()
    if let vector = target.vector { _ = function.raiseMSIX(vector, in: &fabric) }
  }
}
