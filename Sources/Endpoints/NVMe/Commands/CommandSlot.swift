/// A command that goes on.
struct CommandSlot: Sendable {
  var isActive = false
  /// Nobody waits for the command any more; the slot is free when its reads have ended.
  var isAbandoned = false
  private(set) var command = NVMeCommand([UInt8](repeating: 0, count: SubmissionQueue.entryBytes), at: 0)
  private(set) var queue = 0
  /// The bytes of the command's data.
  var count = 0
  /// The bytes that are on their way to the host, or have been asked for.
  var moved = 0
  /// DMA reads that have not ended.
  var outstanding = 0
  /// Whether a read has failed.
  var hasFailed = false
  /// The pages of the command's data, of which only the first may begin within a page.
  var pages: [UInt64] = []
  /// The command's data; it keeps its memory for the next one.
  var buffer: [UInt8] = []

  /// Whether it reads blocks of a namespace.
  var isBlockRead: Bool { queue > 0 && command.opcode == NVMeOpcode.read.rawValue }

  mutating func begin(_ command: NVMeCommand, ofQueue queue: Int) {
    self.command = command
    self.queue = queue
    (count, moved, outstanding) = (0, 0, 0)
    hasFailed = false
    pages.removeAll(keepingCapacity: true)
  }

  /// Makes room for the command's data; what was there before is still there.
  mutating func open(_ count: Int) {
    self.count = count
    if buffer.count < count {
      buffer.append(contentsOf: repeatElement(0, count: count - buffer.count))
    }
  }
}
