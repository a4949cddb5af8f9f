import Codecs

/// Writes the SHA-256 of a buffer in host memory to another one; the accelerator `hash`.
///
/// - Layout: that of `BufferRequest`; the destination takes 32 bytes.
public struct HashAgent: AcceleratorAgent {
  public let name = "hash"
  public let identification: UInt64 = 0x13b5_0004

  /// How far a digest is.
  private final class Progress {
    let hash = SecureHash()
    var read = 0
    var isWriting = false
    var isSettling = false
  }

  /// The agent has nothing to set.
  public init() {}

  /// A read for each piece of the source, one write, and a flush.
  public func next(_ job: AgentJob) -> AgentAction {
    let request = BufferRequest(job)
    guard let progress = job.state as? Progress else {
      let progress = Progress()
      job.state = progress
      if request.lacksSource { return BufferRequest.answer(job, .sourceFailed) }
      return request.length == 0 ? write(progress, request, job) : request.read(from: 0)
    }
    if progress.isSettling { return BufferRequest.settled(job, bytes: SecureHash.byteCount) }
    if progress.isWriting {
      guard job.status == .successful else { return BufferRequest.answer(job, .destinationFailed) }
      progress.isSettling = true
      return request.settle(SecureHash.byteCount)
    }
    guard job.status == .successful else { return BufferRequest.answer(job, .sourceFailed) }
    progress.hash.update(job.data, count: job.data.count)
    progress.read += job.data.count
    return progress.read < request.length
      ? request.read(from: progress.read) : write(progress, request, job)
  }

  private func write(_ progress: Progress, _ request: BufferRequest, _ job: AgentJob) -> AgentAction {
    progress.isWriting = true
    job.data = progress.hash.finish()
    return .write(address: request.destination)
  }
}
