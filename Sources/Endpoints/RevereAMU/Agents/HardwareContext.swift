/// An AMI-HW: the messages that wait for an agent, the one it works on, and its answers.
struct HardwareContext {
  var mapping = ContextMapping()
  var isEnabled = false
  var settings = HardwareSettings()
  var inputs: [MessageQueue]
  var outputs: [MessageQueue]
  /// The inputs that are not empty.
  var pending: UInt64 = 0
  /// The input that has its turn.
  var turn = 0
  /// What becomes of `job`.
  var phase = Phase.idle
  /// A DMA read of the job is under way; told apart from one that must come to nothing.
  var epoch: UInt32 = 0
  /// It stands in the arbiter's line.
  var isReady = false
  /// The same one for all messages, one after the other.
  let job = AgentJob()

  /// Where a message is on its way through the agent.
  enum Phase: Sendable {
    /// There is none.
    case idle
    /// The agent is to be asked what comes next.
    case asking
    /// A DMA read is under way.
    case reading
    /// The answer waits for room.
    case answering
  }

  init(sockets: Int) {
    inputs = [MessageQueue](repeating: MessageQueue(), count: sockets)
    outputs = inputs
  }

  /// All but the mapping and the sessions starts anew; messages and the job are gone.
  mutating func reset() {
    settings = HardwareSettings()
    isEnabled = false
    empty()
  }

  /// Messages and the job are gone.
  mutating func empty() {
    abandon()
    for socket in inputs.indices {
      inputs[socket].removeAll()
      outputs[socket].removeAll()
    }
    pending = 0
  }

  /// The job comes to nothing.
  mutating func abandon() {
    phase = .idle
    epoch &+= 1
    job.state = nil
  }

  /// The sessions of all sockets.
  var sessions: [Int] { (inputs + outputs).filter { $0.session >= 0 }.map { Int($0.session) } }

  /// Takes the input that has its turn.
  mutating func nextInput() -> Int? {
    guard pending != 0 else { return nil }
    let later = pending & ~(turn == 0 ? 0 : (1 << UInt64(turn)) - 1)
    let socket = (later == 0 ? pending : later).trailingZeroBitCount
    turn = (socket + 1) & 63
    return socket
  }
}

/// What PF_AMI_HW_CONFIGURE and F_AMI_HW_CONFIGURE set.
struct HardwareSettings: Sendable {
  var addressSpace: UInt32 = 0
  var usesAddressSpace = false
  /// LOG2_HW_CRED_SIZE: the doublewords of messages that may wait in each socket.
  var log2Credits = AMUSizes.creditsLog2

  /// How many messages that is; one always finds room.
  func capacity(messageBytes: Int) -> Int { max(1, 8 << log2Credits / messageBytes) }
}
