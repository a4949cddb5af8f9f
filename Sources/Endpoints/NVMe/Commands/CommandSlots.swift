/// Room for the commands that go on at a time.
struct CommandSlots: Sendable {
  static let count = 64

  var entries = [CommandSlot](repeating: CommandSlot(), count: CommandSlots.count)
  private var free = Array(0..<CommandSlots.count)
  /// Slots that commands will need which are being fetched.
  var promised = 0

  var available: Int { free.count - promised }

  mutating func take() -> Int {
    guard let slot = free.popLast() else { preconditionFailure("no command is fetched without a slot") }
    entries[slot].isActive = true
    return slot
  }

  mutating func release(_ slot: Int) {
    entries[slot].isActive = false
    entries[slot].isAbandoned = false
    free.append(slot)
  }

  /// Forgets a command, as soon as its reads have ended.
  mutating func abandon(_ slot: Int) {
    guard !entries[slot].isAbandoned else { return }
    if entries[slot].outstanding == 0 { release(slot) } else { entries[slot].isAbandoned = true }
  }

  /// Whether a queue's command with an identifier goes on, besides that of a slot.
  func holds(_ identifier: UInt16, ofQueue queue: Int, besides slot: Int) -> Bool {
    entries.indices.contains {
      $0 != slot && isWaited($0) && entries[$0].queue == queue && entries[$0].command.identifier == identifier
    }
  }

  /// Whether software waits for the command of a slot.
  func isWaited(_ slot: Int) -> Bool { entries[slot].isActive && !entries[slot].isAbandoned }

  /// Frees all.
  mutating func reset() {
    for slot in entries.indices where entries[slot].isActive { release(slot) }
    promised = 0
  }
}
