/// What DMA reads are for, and what waits to be written.
struct NVMeTransfers: Sendable {
  /// By the place of a read's operation.
  var purposes: [NVMeTransferPurpose] = []
  /// Commands that have come, until they are begun.
  var commands = [UInt8](repeating: 0, count: NVMeFeatures.burstMax * SubmissionQueue.entryBytes)
  /// A part of a PRP list that has come.
  var list = [UInt8](repeating: 0, count: NVMeTransfers.listBytesMax)
  /// The completion that is being posted.
  var completion = [UInt8](repeating: 0, count: CompletionQueue.entryBytes)
  /// Reads that have not ended.
  var underWay = 0
  /// Commands that wait until nothing is read for the queue which they have deleted.
  var deletions: [(slot: Int, queue: Int)] = []
  /// Slots whose data is to go to the host, the oldest first.
  var sending: [Int] = []
  /// Whether the link has data enough for now.
  var isBusy = false
  /// Told apart so that an old timer does nothing.
  var lastTimer = Function.requesterTimer

  /// MDTS: 2 to the power of this pages of 4 KiB.
  static let sizeLog2 = 8
  /// The most data that a command has.
  static let bytesMax = 4096 << sizeLog2
  /// What a PRP list for that has, with the page that begins within one.
  static let listBytesMax = (bytesMax / 4096 + 1) * 8
  /// The reads that a command has under way at a time.
  static let readsMax = 8
  /// Bounds what waits on the link at a time.
  static let pieceBytes = 16384
}

/// What a DMA read is for.
enum NVMeTransferPurpose: Hashable, Sendable {
  case none
  case commands(queue: Int, count: Int, generation: UInt32)
  /// So many entries of a PRP list.
  case list(slot: Int, entries: Int)
  /// Data of a command, for a place in its buffer.
  case data(slot: Int, place: Int, count: Int)
}
