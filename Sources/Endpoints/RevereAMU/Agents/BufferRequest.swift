/// A message that refers to buffers in host memory, and how its answer tells what came of it.
///
/// - Layout: 0 stash control, 8 source, 16 destination (64 bits each); 24 length, 28 capacity, 32
///   options, and in the answer 36 result length and 40 status (32 bits each). What an agent does not use
///   is kept. A choice of this model, but for the first six as the accelerator `dma` has them. Formats other
///   than 0 have the first reference as source, the second as destination (with one, both) and the words of
///   32 bits behind the last reference: with two references that is the same.
struct BufferRequest {
  /// How the work ended.
  enum Status: UInt32 {
    case done = 0
    case sourceFailed = 1
    case destinationFailed = 2
    /// What the source holds is no stream of the format.
    case dataError = 3
    /// The result is larger than the capacity.
    case tooSmall = 4
  }

  /// The bytes that one DMA read of a buffer brings: bounds what travels at a time.
  static let pieceBytes = 16384

  let source: UInt64
  let destination: UInt64
  let length: Int
  let capacity: Int
  let options: UInt32
  private let hasBuffers: Bool

  init(_ job: AgentJob) {
    hasBuffers = job.front == 0 || job.referenceCount > 0
    source = job.word64(8)
    destination = job.referenceCount == 1 ? source : job.word64(16)
    let words = Self.words(of: job)
    length = Int(job.word32(words))
    capacity = Int(job.word32(words + 4))
    options = job.word32(words + 8)
    job.stash = job.word64(0)
  }

  /// Where the words of 32 bits begin.
  private static func words(of job: AgentJob) -> Int { job.front == 0 ? 24 : job.front }

  /// The read of the next piece of the source.
  func read(from offset: Int) -> AgentAction {
    .read(address: source &+ UInt64(offset), count: min(length - offset, Self.pieceBytes))
  }

  /// The write of the job's data behind what stands at the destination; an answer where that is past the last
  /// address.
  func write(_ job: AgentJob, at offset: Int) -> AgentAction {
    let (address, leavesMemory) = destination.addingReportingOverflow(UInt64(offset))
    return leavesMemory ? Self.answer(job, .destinationFailed, bytes: offset) : .write(address: address)
  }

  /// Sees that a result of some bytes has arrived, which the answer tells then.
  func settle(_ bytes: Int) -> AgentAction {
    .flush(address: destination &+ UInt64(max(1, bytes) - 1))
  }

  /// The answer once the result has been seen to.
  static func settled(_ job: AgentJob, bytes: Int) -> AgentAction {
    job.status == .successful ? answer(job, .done, bytes: bytes) : answer(job, .destinationFailed)
  }

  /// Whether there is no source, or it goes past the last address.
  var lacksSource: Bool {
    !hasBuffers || length > 0 && source.addingReportingOverflow(UInt64(length - 1)).overflow
  }

  /// The answer.
  static func answer(_ job: AgentJob, _ status: Status, bytes: Int = 0) -> AgentAction {
    job.setWord32(words(of: job) + 12, UInt32(clamping: bytes))
    job.setWord32(words(of: job) + 16, status.rawValue)
    job.state = nil
    return .answer
  }
}
