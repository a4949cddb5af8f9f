import LinkBroker
import PCIe

// Commands are fetched by turns, a few of each queue.
extension NVMeCore {
  /// Lets every queue have its turn for as long as there is something to fetch and room for it.
  ///
  /// - Source: NVM Express Base 1.4, 4.13.1 "Round Robin Arbitration".
  mutating func pump(in fabric: inout Fabric) {
    var idle = 0
    while idle < submissions.count {
      guard isRunning, !registers.settings.isShuttingDown, slots.available > 0 else { return }
      let queue = arbiter.next
      arbiter.next = queue + 1 == submissions.count ? 0 : queue + 1
      idle = fetch(from: queue, in: &fabric) ? 0 : idle + 1
    }
  }

  /// Starts to fetch commands; false when the queue has none, or may have none now.
  ///
  /// A command is fetched only when its completion has room, so that a full queue holds up nobody else.
  /// - Source: NVM Express Base 1.4, 4.1.1 "Empty Queue" and 4.1.2 "Full Queue".
  private mutating func fetch(from number: Int, in fabric: inout Fabric) -> Bool {
    guard let queue = submissions[number], queue.fetching == 0, queue.run > 0,
      let room = completions[queue.completionQueue]?.room
    else { return false }
    let count = min(queue.run, room, slots.available, features.burst)
    guard count > 0 else { return false }
    submissions[number]?.fetching = count
    completions[queue.completionQueue]?.reserved += count
    slots.promised += count
    let purpose = NVMeTransferPurpose.commands(queue: number, count: count, generation: queue.generation)
    read(queue.headAddress, count: count * SubmissionQueue.entryBytes, for: purpose, in: &fabric)
    return true
  }

  /// Commands have come: each is begun in the order of its queue.
  mutating func fetched(
    _ number: Int, _ count: Int, _ generation: UInt32, _ status: RequestStatus,
    _ operation: RequestOperation?, in fabric: inout Fabric
  ) {
    slots.promised -= count
    guard isRunning, submissions[number]?.generation == generation else { return }
    // Whoever cannot read commands cannot complete them either: NVM Express Base 1.4, 9.5.
    guard status == .successful, let operation else { return fail() }
    submissions[number]?.fetching = 0
    let bytes = count * SubmissionQueue.entryBytes
    function.copyData(of: operation, count: bytes, to: &transfers.commands, at: 0)
    for index in 0..<count {
      // One that is begun may be the end of the controller.
      guard isRunning else { return }
      submissions[number]?.advanceHead()
      let slot = slots.take()
      slots.entries[slot].begin(
        NVMeCommand(transfers.commands, at: index * SubmissionQueue.entryBytes), ofQueue: number)
      begin(slot, in: &fabric)
    }
  }
}
