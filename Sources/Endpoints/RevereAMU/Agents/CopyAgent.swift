/// Copies a buffer in host memory, inverted on demand; the accelerator `dma`.
///
/// - Layout: that of `BufferRequest`; options other than 0 invert.
public struct CopyAgent: AcceleratorAgent {
  public let name = "dma"
  public let identification: UInt64 = 0x13b5_0003

  /// How far a copy is.
  private final class Progress {
    var read = 0
    var written = 0
    var isSettling = false
  }

  /// The agent has nothing to set.
  public init() {}

  /// A read and a write for each piece, and a flush.
  public func next(_ job: AgentJob) -> AgentAction {
    let request = BufferRequest(job)
    guard let progress = job.state as? Progress else {
      job.state = Progress()
      if request.lacksSource { return BufferRequest.answer(job, .sourceFailed) }
      return request.length == 0 ? BufferRequest.answer(job, .done) : request.read(from: 0)
    }
    if progress.isSettling { return BufferRequest.settled(job, bytes: progress.written) }
    if progress.read == progress.written {
      guard job.status == .successful else { return BufferRequest.answer(job, .sourceFailed) }
      progress.read += job.data.count
      if request.options != 0 {
        for index in job.data.indices { job.data[index] = ~job.data[index] }
      }
      return request.write(job, at: progress.written)
    }
    guard job.status == .successful else { return BufferRequest.answer(job, .destinationFailed) }
    progress.written = progress.read
    guard progress.written == request.length else { return request.read(from: progress.read) }
    progress.isSettling = true
    return request.settle(progress.written)
  }
}
