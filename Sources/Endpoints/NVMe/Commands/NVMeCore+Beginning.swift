import LinkBroker

extension NVMeCore {
  /// Begins a command that has been fetched.
  mutating func begin(_ slot: Int, in fabric: inout Fabric) {
    let (command, queue) = (slots.entries[slot].command, slots.entries[slot].queue)
    // Neither fused commands nor SGLs: NVM Express Base 1.4, 4.2, figure 104.
    guard command.flags & 0xc3 == 0 else { return complete(slot, .invalidField, in: &fabric) }
    guard !slots.holds(command.identifier, ofQueue: queue, besides: slot),
      queue > 0 || !events.waiting.contains(command.identifier)
    else { return complete(slot, .identifierConflict, in: &fabric) }
    if queue == 0 {
      beginAdmin(slot, command, in: &fabric)
    } else {
      beginInput(slot, command, in: &fabric)
    }
  }

  private mutating func beginAdmin(_ slot: Int, _ command: NVMeCommand, in fabric: inout Fabric) {
    switch NVMeAdminOpcode(rawValue: command.opcode) {
    case .deleteSubmissionQueue: deleteSubmissionQueue(slot, command, in: &fabric)
    case .createSubmissionQueue: complete(slot, createSubmissionQueue(command), in: &fabric)
    case .deleteCompletionQueue: complete(slot, deleteCompletionQueue(command), in: &fabric)
    case .createCompletionQueue: complete(slot, createCompletionQueue(command), in: &fabric)
    case .getLogPage: getLogPage(slot, command, in: &fabric)
    case .identify: identify(slot, command, in: &fabric)
    case .abort: abort(slot, command, in: &fabric)
    case .setFeatures: setFeatures(slot, command, in: &fabric)
    case .getFeatures: getFeatures(slot, command, in: &fabric)
    case .asynchronousEventRequest: takeEventRequest(slot, command, in: &fabric)
    case nil: complete(slot, .invalidOpcode, in: &fabric)
    }
  }

  /// Whether the data of a command goes to the host.
  func sendsData(_ slot: Int) -> Bool {
    // Opcodes say so: bits 1:0 are 10b.
    slots.entries[slot].command.opcode & 3 == 2
  }

  /// Sends a page of bytes as the data of a command; what is beyond its end is zero.
  mutating func answer(
    _ slot: Int, _ page: [UInt8], from offset: Int = 0, count: Int = NVMeIdentity.bytes,
    in fabric: inout Fabric
  ) {
    slots.entries[slot].open(count)
    for index in 0..<count {
      slots.entries[slot].buffer[index] = offset + index < page.count ? page[offset + index] : 0
    }
    locate(slot, in: &fabric)
  }
}
