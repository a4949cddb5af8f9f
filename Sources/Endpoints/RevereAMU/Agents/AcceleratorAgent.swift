/// What an accelerator does with the messages of its hardware contexts.
///
/// An agent is a value without state: what a message needs on its way stands in its job, so that contexts and
/// queues do not meet. The unit calls `next` with each message, and again after what it asked for is done:
///
///     struct Increment: AcceleratorAgent {
///       let name = "increment"
///       let identification: UInt64 = 0x100
///       func next(_ job: AgentJob) -> AgentAction {
///         for index in job.message.indices { job.message[index] &+= 1 }
///         return .answer
///       }
///     }
public protocol AcceleratorAgent: Sendable {
  /// The word in suites.
  var name: String { get }
  /// AHA_IIDR, as PF_PROBE_AHA tells it.
  var identification: UInt64 { get }
  /// The next thing to do for a message.
  func next(_ job: AgentJob) -> AgentAction
}

/// What an agent wants to be done.
public enum AgentAction: Hashable, Sendable {
  /// Sends the job's message, as it is now, out of the socket with the number that it came in by.
  ///
  /// It is cut, or filled up with zeros, to the length of the session's messages.
  case answer
  /// The message is done with and has no answer.
  case finish
  /// Reads host memory; the job has the bytes then, and how the read ended.
  case read(address: UInt64, count: Int)
  /// Writes the job's data to host memory; a posted write is done when it is queued, whatever becomes of it.
  case write(address: UInt64)
  /// Waits until what was written has arrived; the job's status tells whether the address is there.
  case flush(address: UInt64)
}
