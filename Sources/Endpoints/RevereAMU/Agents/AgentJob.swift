/// A message that an agent works on.
public final class AgentJob {
  /// The message; what it is when the agent answers is the answer.
  public var message: [UInt8] = []
  /// What a read brought, and what a write sends.
  public var data: [UInt8] = []
  /// How the last read or write ended.
  public internal(set) var status = RequestStatus.successful
  /// The number of calls for this message so far, without this one.
  public internal(set) var calls = 0
  /// What the agent keeps between calls.
  public var state: (any AnyObject)?
  /// The stash hint of what it writes: PH in bits 1:0, the steering tag in bits 15:8; 0 for none.
  public var stash: UInt64 = 0
  /// The socket that the message came in by.
  public internal(set) var socket = 0
  /// The bytes before in-band data: a stash control doubleword and references; 0 in message format 0.
  public internal(set) var front = 0

  init() {}

  /// Sets how many bytes of data there are; pieces of one length share their storage.
  func setData(_ count: Int) {
    if data.count != count { data = [UInt8](repeating: 0, count: count) }
  }

  func begin(_ socket: Int, front: Int) {
    self.socket = socket
    self.front = front
    calls = 0
    status = .successful
    stash = 0
    state = nil
  }
}

// References to buffers in host memory, in message formats other than 0.
extension AgentJob {
  /// How many the session's messages have: MF_OB_BUF_NUM.
  public var referenceCount: Int { max(0, front / 8 - 1) }

  /// The address of a buffer; nil where the message has no such reference.
  public func reference(_ number: Int) -> UInt64? {
    (0..<referenceCount).contains(number) ? word64(8 + 8 * number) : nil
  }
}

// Fields of a message, little-endian; what lies outside it reads as zero and takes no value.
extension AgentJob {
  /// A doubleword of 64 bits of the message.
  public func word64(_ offset: Int) -> UInt64 {
    UInt64(word32(offset)) | UInt64(word32(offset + 4)) << 32
  }

  /// A word of 32 bits of the message.
  public func word32(_ offset: Int) -> UInt32 {
    var value: UInt32 = 0
    for index in 0..<4 where offset + index < message.count {
      value |= UInt32(message[offset + index]) << UInt32(index * 8)
    }
    return value
  }

  /// Sets a word of 32 bits of the message.
  public func setWord32(_ offset: Int, _ value: UInt32) {
    for index in 0..<4 where offset + index < message.count {
      message[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(index * 8))
    }
  }
}
