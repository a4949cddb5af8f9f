import LinkBroker

// Creating and deleting I/O queues.
extension NVMeCore {
  /// Whether a queue of that number and size may be made: software has been given so many.
  private func check(_ command: NVMeCommand, exists: Bool, given: UInt32) -> NVMeStatus {
    let (number, size) = (Int(command.dword10 & 0xffff), Int(command.dword10 >> 16) + 1)
    guard 1...Int(given & 0xffff) + 1 ~= number, !exists else { return .invalidQueueIdentifier }
    guard 2...NVMeRegisters.queueEntriesMax ~= size else { return .invalidQueueSize }
    // CAP.CQR: contiguous queues only; CC has the sizes of entries.
    guard command.dword11 & 1 == 1, registers.settings.hasEntrySizes else { return .invalidField }
    guard command.firstPage & UInt64(registers.pageBytes - 1) == 0 else { return .pageOffsetInvalid }
    return .successful
  }

  /// - Source: NVM Express Base 1.4, 5.3 "Create I/O Completion Queue command".
  mutating func createCompletionQueue(_ command: NVMeCommand) -> NVMeStatus {
    let number = Int(command.dword10 & 0xffff)
    let status = check(
      command, exists: number <= queueCount && completions[number] != nil,
      given: features[.numberOfQueues] >> 16)
    guard status == .successful else { return status }
    let vector = command.dword11 >> 1 & 1 == 1 ? Int(command.dword11 >> 16) : nil
    guard vector ?? 0 < function.msixVectorCount else { return .invalidInterruptVector }
    completions[number] = CompletionQueue(
      base: command.firstPage, size: Int(command.dword10 >> 16) + 1, vector: vector)
    return .successful
  }

  /// - Source: NVM Express Base 1.4, 5.4 "Create I/O Submission Queue command".
  mutating func createSubmissionQueue(_ command: NVMeCommand) -> NVMeStatus {
    let (number, target) = (Int(command.dword10 & 0xffff), Int(command.dword11 >> 16))
    let status = check(
      command, exists: number <= queueCount && submissions[number] != nil,
      given: features[.numberOfQueues])
    guard status == .successful else { return status }
    guard 1...queueCount ~= target else { return .invalidQueueIdentifier }
    guard completions[target] != nil else { return .completionQueueInvalid }
    submissions[number] = SubmissionQueue(
      base: command.firstPage, size: Int(command.dword10 >> 16) + 1, completionQueue: target,
      generation: arbiter.nextGeneration())
    return .successful
  }

  /// - Source: NVM Express Base 1.4, 5.5 "Delete I/O Completion Queue command".
  mutating func deleteCompletionQueue(_ command: NVMeCommand) -> NVMeStatus {
    let number = Int(command.dword10 & 0xffff)
    guard 1...queueCount ~= number, completions[number] != nil else { return .invalidQueueIdentifier }
    guard !submissions.contains(where: { $0?.completionQueue == number }) else {
      return .invalidQueueDeletion
    }
    completions[number] = nil
    return .successful
  }

  /// Deletes a queue; its commands that go on are completed by that alone, once nothing is read for them.
  ///
  /// - Source: NVM Express Base 1.4, 5.6 "Delete I/O Submission Queue command".
  mutating func deleteSubmissionQueue(_ slot: Int, _ command: NVMeCommand, in fabric: inout Fabric) {
    let number = Int(command.dword10 & 0xffff)
    guard 1...queueCount ~= number, let queue = submissions[number] else {
      return complete(slot, .invalidQueueIdentifier, in: &fabric)
    }
    var promised = queue.fetching
    transfers.sending.removeAll { slots.entries[$0].queue == number }
    for slot in slots.entries.indices where slots.isWaited(slot) && slots.entries[slot].queue == number {
      promised += 1
      slots.abandon(slot)
    }
    completions[queue.completionQueue]?.reserved -= promised
    submissions[number] = nil
    cancelReads(forDeleted: number, in: &fabric)
    transfers.deletions.append((slot, number))
  }
}
