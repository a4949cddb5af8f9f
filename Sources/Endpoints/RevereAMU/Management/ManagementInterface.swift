import RevereInterface

/// The management page of a function: control, four sockets, and what is mapped to the function.
struct ManagementInterface: Sendable {
  /// The four sockets, by their places in the registers.
  enum Socket: Int {
    case command
    case response
    case exception
    case trace
  }

  /// What the unit does with the command at the head of the ring.
  enum Stage: Sendable {
    case idle
    /// The table of the rings is being read, in a unit of type B.
    case describing
    case fetching
    /// Buffers in host memory are looked at before they are written.
    case probing(BufferProbe)
    /// The physical function is to hear of the command as soon as its exception ring has room.
    case trapping([UInt8])
    /// The physical function answers a command of this opcode in place of the unit.
    case trapped(opcode: UInt16)
    /// The command is done; its response has not reached host memory yet.
    case answering([UInt8])
  }

  /// AMU_CR.
  var control: UInt64 = 0
  var errorState = InterfaceErrorState.none
  var rings = [SocketRing](repeating: ManagementInterface.emptyRing, count: 4)
  /// What tells of the rings, in a unit of type B.
  var table = ManagementTable()
  var interrupts = ManagementInterrupts()
  var stage = Stage.idle
  /// Tells reads for commands apart from those of before a restart, which come to nothing.
  var epoch: UInt32 = 0
  /// The sessions that wait for room in the trace ring.
  var held: [Int32] = []
  /// Whether the physical function has enabled this one; a physical function always is.
  var isFunctionEnabled: Bool
  /// PF_F_TRAP_CONFIGURE.
  var isTrapping = false
  /// The physical AMI-SW behind each number of the function, -1 for none.
  var software: [Int32]
  /// The hardware context behind each number of the function, -1 for none.
  var hardware: [Int32]

  private static var emptyRing: SocketRing {
    var ring = SocketRing()
    ring.isConfigured = true
    return ring
  }

  init(isPhysical: Bool, software: Int, hardware: Int) {
    isFunctionEnabled = isPhysical
    self.software = [Int32](repeating: -1, count: software)
    self.hardware = [Int32](repeating: -1, count: hardware)
  }

  subscript(socket: Socket) -> SocketRing {
    get { rings[socket.rawValue] }
    set { rings[socket.rawValue] = newValue }
  }

  /// The registers start anew, and what was under way comes to nothing; what is mapped stays.
  mutating func reset() {
    control = 0
    interrupts = ManagementInterrupts()
    rings = [SocketRing](repeating: Self.emptyRing, count: 4)
    table.base = 0
    restart()
  }

  /// The indexes and the error state start anew.
  mutating func restart() {
    errorState = .none
    stage = .idle
    table.isRead = false
    epoch &+= 1
    for socket in rings.indices { (rings[socket].read, rings[socket].write) = (0, 0) }
    interrupts.receiveDigest = 0
  }
}

/// Where the table of the management rings stands, and whether they are what it says.
struct ManagementTable: Sendable {
  var base: UInt64 = 0
  var isRead = false
}

/// The interrupt registers of a management page.
struct ManagementInterrupts: Sendable {
  var receiveVector: UInt64 = 0
  var transmitVector: UInt64 = 0
  var raisesReceive = false
  var raisesTransmit = false
  /// ERR_IRQ_CTRL.
  var error: UInt64 = 0
  var receiveMask: UInt64 = 0
  var transmitMask: UInt64 = 0
  /// The bits as they were when last looked at.
  var receiveDigest: UInt64 = 0
  var transmitDigest: UInt64 = 0
}
