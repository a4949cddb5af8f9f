import Codecs

/// Compresses or decompresses a buffer in host memory by zlib; the accelerators `compress` and `decompress`.
///
/// - Layout: that of `BufferRequest`; of the options bit 0 means gzip instead of zlib, bits 7:4 are the level
///   of compression, 0 for the library's own.
public struct DeflateAgent: AcceleratorAgent {
  public let name: String
  public let identification: UInt64
  private let isCompressing: Bool

  /// How far a stream is.
  private final class Progress {
    let stream: DeflateStream
    var read = 0
    var written = 0
    /// Output that has not been written.
    var output: [UInt8] = []
    var hasEnded = false
    var isWriting = false
    var isSettling = false

    init(_ stream: DeflateStream) { self.stream = stream }
  }

  /// The accelerator for one direction.
  public init(isCompressing: Bool) {
    self.isCompressing = isCompressing
    name = isCompressing ? "compress" : "decompress"
    identification = isCompressing ? 0x13b5_0001 : 0x13b5_0002
  }

  /// A read for each piece of the source, and a write for what comes out of it; then a flush.
  public func next(_ job: AgentJob) -> AgentAction {
    let request = BufferRequest(job)
    guard let progress = job.state as? Progress else { return begin(request, job) }
    if progress.isSettling { return BufferRequest.settled(job, bytes: progress.written) }
    if progress.isWriting {
      guard job.status == .successful else { return BufferRequest.answer(job, .destinationFailed) }
      progress.isWriting = false
      // The storage of the input serves the next piece.
      swap(&job.data, &progress.output)
    } else {
      guard job.status == .successful else { return BufferRequest.answer(job, .sourceFailed) }
      progress.read += job.data.count
      if let failure = feed(job, progress, request) { return failure }
      if !job.data.isEmpty {
        let place = progress.written
        progress.written += job.data.count
        progress.isWriting = true
        return request.write(job, at: place)
      }
    }
    guard progress.hasEnded else { return request.read(from: progress.read) }
    progress.isSettling = true
    return request.settle(progress.written)
  }

  private func begin(_ request: BufferRequest, _ job: AgentJob) -> AgentAction {
    let level = Int(request.options >> 4 & 15)
    let direction: DeflateStream.Direction =
      isCompressing ? .compress(level: level == 0 ? nil : min(level, 9)) : .decompress
    let progress = Progress(DeflateStream(direction, request.options & 1 == 0 ? .zlib : .gzip))
    job.state = progress
    if request.lacksSource { return BufferRequest.answer(job, .sourceFailed) }
    guard request.length == 0 else { return request.read(from: 0) }
    // Nothing to read, but an empty stream has bytes too.
    job.data = []
    if let failure = feed(job, progress, request) { return failure }
    progress.written = job.data.count
    progress.isWriting = true
    return .write(address: request.destination)
  }

  /// Puts what was read through the stream; what comes out stands in the job's data then.
  private func feed(_ job: AgentJob, _ progress: Progress, _ request: BufferRequest) -> AgentAction? {
    let isLast = progress.read >= request.length
    progress.output.removeAll(keepingCapacity: true)
    let status = progress.stream.work(
      job.data, count: job.data.count, isLast: isLast, into: &progress.output,
      limit: max(0, request.capacity - progress.written))
    swap(&job.data, &progress.output)
    switch status {
    case .more: return nil
    case .ended:
      progress.hasEnded = true
      return nil
    case .overLimit: return BufferRequest.answer(job, .tooSmall, bytes: progress.written)
    case .failed: return BufferRequest.answer(job, .dataError, bytes: progress.written)
    }
  }
}
