import LinkBroker
import PCIe

/// The state of a Revere-AMU: what its functions see, what is mapped to them, and what moves.
///
/// Whatever changes what may move ends with `pump`, which lets everything happen that now can.
struct AMUCore: ~Copyable {
  let sizes: AMUSizes
  /// The physical function, then the virtual ones.
  let functions: [Function]
  /// One for each accelerator.
  let agents: [any AcceleratorAgent]
  /// AMU_CR.AMU_EN of the physical function.
  var isEnabled = false
  /// By function.
  var management: [ManagementInterface]
  var software: [SoftwareContext]
  var sockets: [SocketPair]
  /// Those of accelerator 0, then of accelerator 1, and so on.
  var hardware: [HardwareContext]
  /// By ASN_ID.
  var sessions: [Session]
  var arbiter = SessionArbiter()
  /// The messages that a read has brought, until they are where they go.
  var scratch = [UInt8](repeating: 0, count: AMUSizes.fetchBytesMax)
  /// What DMA reads are for: by function, and by the place of their operation.
  private var purposes: [[TransferPurpose]]

  init(_ sizes: AMUSizes, functions: [Function], agents: [any AcceleratorAgent]) {
    self.sizes = sizes
    self.functions = functions
    self.agents = agents
    let contexts = sizes.hardwareContexts * agents.count
    management = functions.indices.map {
      ManagementInterface(isPhysical: $0 == 0, software: sizes.softwareContexts, hardware: contexts)
    }
    software = [SoftwareContext](repeating: SoftwareContext(), count: sizes.softwareContexts)
    sockets = Self.makeSockets(sizes)
    hardware = (0..<contexts).map { _ in HardwareContext(sockets: sizes.sockets) }
    sessions = [Session](repeating: Session(), count: sizes.sessions)
    purposes = [[TransferPurpose]](repeating: [], count: functions.count)
  }

  /// Whether the unit works for a function.
  func isRunning(_ function: Int) -> Bool {
    isEnabled && management[function].isFunctionEnabled && functions[function].isPresent
  }
}

/// What a DMA read is for.
enum TransferPurpose: Sendable {
  case none
  case command(epoch: UInt32)
  /// Whether a buffer can be reached.
  case probe(epoch: UInt32)
  /// What the rings of management are, and those of a context, in a unit of type B.
  case managementTable(epoch: UInt32)
  case contextTable(context: Int, epoch: UInt32)
  case fetch(session: Int, epoch: UInt32)
  case agent(hardware: Int, epoch: UInt32)
}

// DMA reads.
extension AMUCore {
  /// Starts a read; what ends at once is told as all others are.
  mutating func read(
    _ address: UInt64, count: Int, by function: Int, prefix: TLPPrefix? = nil, for purpose: TransferPurpose,
    in fabric: inout Fabric
  ) {
    let operation = functions[function].beginRead(
      address: address, count: count, prefix: prefix, in: &fabric)
    guard let operation else { return ended(.notSent, nil, purpose, of: function, in: &fabric) }
    let place = operation.index
    while purposes[function].count <= place { purposes[function].append(.none) }
    purposes[function][place] = purpose
    if functions[function].status(of: operation) != nil {
      complete(operation, of: function, in: &fabric)
    }
  }

  /// A read of a function has ended, and something may be able to move.
  mutating func transferEnded(_ operation: RequestOperation, of function: Int, in fabric: inout Fabric) {
    complete(operation, of: function, in: &fabric)
    pump(in: &fabric)
  }

  private mutating func complete(_ operation: RequestOperation, of function: Int, in fabric: inout Fabric) {
    guard purposes[function].indices.contains(operation.index) else { return }
    let purpose = purposes[function][operation.index]
    if case .none = purpose { return }
    purposes[function][operation.index] = .none
    let status = functions[function].status(of: operation) ?? .timeout
    ended(status, operation, purpose, of: function, in: &fabric)
    functions[function].release(operation)
  }

  private mutating func ended(
    _ status: RequestStatus, _ operation: RequestOperation?, _ purpose: TransferPurpose, of function: Int,
    in fabric: inout Fabric
  ) {
    switch purpose {
    case .none: break
    case .command(let epoch):
      guard management[function].epoch == epoch else { return }
      commandFetched(status, operation, of: function, in: &fabric)
    case .probe(let epoch):
      guard management[function].epoch == epoch else { return }
      probed(status, of: function, in: &fabric)
    case .managementTable(let epoch):
      guard management[function].epoch == epoch else { return }
      managementDescribed(status, operation, of: function, in: &fabric)
    case .contextTable(let context, let epoch):
      softwareDescribed(status, operation, of: function, context, epoch, in: &fabric)
    case .fetch(let session, let epoch):
      fetched(status, operation, of: function, session: session, epoch: epoch, in: &fabric)
    case .agent(let context, let epoch):
      agentRead(status, operation, of: function, context, epoch)
    }
  }

  /// The function has been reset: its reads have ended, and nobody waits for them.
  mutating func forgetTransfers(of function: Int) {
    for place in purposes[function].indices {
      let purpose = purposes[function][place]
      purposes[function][place] = .none
      switch purpose {
      case .none: continue
      case .command, .probe, .managementTable: break
      case .contextTable(let context, let epoch):
        if software[context].tableEpoch == epoch { software[context].isDescribing = false }
      case .fetch(let session, let epoch): stopFetching(session, epoch)
      case .agent(let context, let epoch):
        if hardware[context].epoch == epoch { hardware[context].abandon() }
      }
      functions[function].release(RequestOperation(index: place))
    }
  }
}

// Interrupts.
extension AMUCore {
  /// Raises a vector of a function; false when it has no such vector.
  func raise(_ vector: UInt64, of function: Int, in fabric: inout Fabric) -> Bool {
    functions[function].raiseMSIX(Int(clamping: vector), in: &fabric) != .outOfRange
  }

  /// The prefix of a context's requests; none where software has not enabled PASID.
  func prefix(_ addressSpace: UInt32, isUsed: Bool) -> TLPPrefix? {
    guard isUsed, functions[0].space.isProcessAddressSpaceEnabled else { return nil }
    return .processAddressSpace(addressSpace)
  }

  /// What writes carry that are to be stashed; no hint where software has not enabled it.
  func marks(_ prefix: TLPPrefix?, stash: StashSettings, of function: Int) -> RequestMarks {
    guard stash.isEnabled, functions[function].space.areProcessingHintsEnabled else {
      return RequestMarks(prefix: prefix)
    }
    return RequestMarks(
      prefix: prefix, hint: stash.hint,
      steeringTag: functions[function].space.areSteeringTagsEnabled ? stash.steeringTag : 0)
  }
}
