/// Answers each message with the complement of its in-band data; what stands before it is kept.
public struct InvertAgent: AcceleratorAgent {
  public let name = "invert"
  public let identification: UInt64 = 0x13b5_0000

  /// The agent has nothing to set.
  public init() {}

  /// One call for each message.
  public func next(_ job: AgentJob) -> AgentAction {
    var message = job.message
    job.message = []
    for index in message.indices.dropFirst(job.front) { message[index] = ~message[index] }
    job.message = message
    return .answer
  }
}
