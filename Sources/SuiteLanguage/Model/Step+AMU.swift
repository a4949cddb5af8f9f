extension Step {
  /// A management command of a Revere-AMU.
  public struct ManagementCommand: Hashable, Sendable {
    public var node: String
    /// 0 for the physical function, else the number of a virtual one.
    public var function: Int
    public var command: String
    public var arguments: [ManagementField]
    /// Response fields to compare; a status of 0 is expected unless named.
    public var expectation: [ManagementField]
    /// The error state that the function must come to instead of answering, which the step ends.
    public var errorState: String?
  }

  /// The next exception that a function is told of.
  public struct ManagementException: Hashable, Sendable {
    public var node: String
    /// 0 for the physical function, else the number of a virtual one.
    public var function: Int
    public var exception: String
    /// Fields to compare.
    public var expectation: [ManagementField]
  }

  /// The next record of a function's trace socket.
  public struct ManagementTrace: Hashable, Sendable {
    public var node: String
    public var function: Int
    /// The session that it must be of.
    public var session: UInt64
    /// Fields to compare.
    public var expectation: [ManagementField]
  }

  /// The error state that a function comes to, which the step ends.
  public struct ManagementErrorState: Hashable, Sendable {
    public var node: String
    public var function: Int
    /// Its word in the interface's table.
    public var state: String
  }

  /// A field of a management message, by its name in the interface table in lower case.
  public struct ManagementField: Hashable, Sendable {
    public var name: String
    public var value: UInt64
  }

  /// Messages put into a TX ring.
  public struct MessageSend: Hashable, Sendable {
    public var node: String
    public var function: Int
    /// The number of the software context in its function.
    public var ami: Int
    public var ams: Int
    public var messages: Int
    /// One message that is sent again and again, or all of them one behind the other; nil with `buffers`.
    public var data: DataSource?
    /// The buffers that the messages refer to.
    public var buffers: BufferRequests?
    public var save: String?
    /// How many the ring must take at once; nil waits until it has taken all.
    public var accepted: Int?
  }

  /// Messages taken out of an RX ring.
  public struct MessageReceive: Hashable, Sendable {
    public var node: String
    public var function: Int
    /// The number of the software context in its function.
    public var ami: Int
    public var ams: Int
    public var messages: Int
    /// One message that each must be, or all of them one behind the other.
    public var data: DataSource?
    /// What the destinations must hold.
    public var result: BufferResult?
    /// How the work on the buffers must end.
    public var status: BufferStatus?
  }
}
