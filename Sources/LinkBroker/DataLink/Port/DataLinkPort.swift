import PCIe
import Simulation

/// The data link layer of one end of a link.
///
/// It does nothing by itself: frames and instants go in, verdicts and DLLPs come out.
/// - Source: PCI Express Base 5.0, 3 "Data Link Layer Specification".
struct DataLinkPort: Sendable {
  /// - Source: PCI Express Base 5.0, 3.2.1 "Data Link Control and Management State Machine Rules" and 3.4.1
  ///   "Flow Control Initialization State Machine Rules".
  enum State: Sendable {
    case inactive
    /// FC_INIT1 of DL_Init.
    case initializing1
    /// FC_INIT2 of DL_Init.
    case initializing2
    case active
  }

  private(set) var state = State.inactive
  var transmitter: ReplayTransmitter
  var receiver = SequenceReceiver()
  var credits: PortCredits
  var deadlines = PortDeadlines()
  var pending: PendingDLLPs = []
  private(set) var limits: DataLinkTimers
  /// How long a DLLP occupies the lanes.
  private(set) var dllpTime: VirtualDuration
  /// The frames that this end has sent and that have not arrived.
  var flight = FrameQueue()
  /// When the last of them arrives.
  private(set) var lastArrival = VirtualTime.zero
  /// The rounds of InitFC DLLPs so far.
  private(set) var initializationRounds = 0
  /// When the last Recovery of the link ends, during which REPLAY_TIMER does not run.
  var quietUntil = VirtualTime.zero

  /// - Parameter advertised: what this end's receiver has room for.
  init(_ configuration: LinkConfiguration, advertised: CreditPool) {
    transmitter = ReplayTransmitter(capacity: Self.replayCapacity(configuration))
    credits = PortCredits(advertised)
    limits = DataLinkTimers(configuration)
    dllpTime = Self.dllpTime(configuration)
  }

  /// Runs at another speed or width from now on.
  mutating func adopt(_ configuration: LinkConfiguration) {
    limits = DataLinkTimers(configuration)
    dllpTime = Self.dllpTime(configuration)
  }

  private static func dllpTime(_ configuration: LinkConfiguration) -> VirtualDuration {
    configuration.serialization(tlpBytes: LinkFrame.dllpWireBytes - configuration.speed.framingBytes)
  }

  /// TLPs of three DWs enough to keep the link full until their Ack is back.
  private static func replayCapacity(_ configuration: LinkConfiguration) -> Int {
    let limits = DataLinkTimers(configuration)
    let largest = configuration.serialization(tlpBytes: 16 + configuration.maxPayloadBytes)
    let latency = min(configuration.latency, .seconds(1)).picoseconds
    let roundTrip = 2 * latency + limits.acknowledge.picoseconds + 2 * largest.picoseconds
    let smallest = max(1, configuration.serialization(tlpBytes: 12).picoseconds)
    return Int(clamping: min(1024, max(32, roundTrip / smallest + 16)))
  }

  /// Whether a TLP could be sent at once for all that this layer knows.
  @inline(__always)
  var takesTLPs: Bool { state == .active && pending.isEmpty && transmitter.acceptsNew }

  /// When a frame arrives whose last symbol is sent at an instant: never before the one sent before it.
  @inline(__always)
  mutating func arrival(of frame: LinkFrame, sent: VirtualTime, latency: VirtualDuration) -> VirtualTime {
    lastArrival = max(lastArrival, sent + latency + frame.delay)
    return lastArrival
  }
}

// Flow control initialization.
extension DataLinkPort {
  /// The physical layer is up: DL_Init begins, and the first InitFC DLLPs are due.
  mutating func beginInitialization(at now: VirtualTime) {
    state = .initializing1
    initializationRounds = 0
    deadlines.initialization = now
  }

  /// Sends another round of InitFC DLLPs.
  mutating func repeatInitialization(at now: VirtualTime) {
    pending.formUnion(.initialization)
    initializationRounds += 1
    deadlines.initialization = now + limits.initialization
  }

  /// What an InitFC DLLP leads to.
  struct InitializationStep: Equatable {
    /// The advertisement is below the least that is allowed.
    var isTooLittle = false
    /// The partner goes on waiting for a sign that its DLLPs arrive.
    var isRepeated = false
  }

  /// Takes an InitFC1 or InitFC2 DLLP.
  mutating func initialize(
    _ dllp: FlowControlDLLP, maxPayloadBytes: Int, at now: VirtualTime
  ) -> InitializationStep {
    var step = InitializationStep()
    switch state {
    case .inactive: break
    case .initializing1:
      let content = CreditCounter(headers: dllp.headerCredits, data: dllp.dataCredits)
      let minimum = CreditTransmitter.minimum(dllp.flowControlClass, maxPayloadBytes: maxPayloadBytes)
      step.isTooLittle = !credits.transmit[Int(dllp.flowControlClass.rawValue)].initialize(
        content, minimum: minimum)
      guard credits.isInitialized else { break }
      state = .initializing2
      repeatInitialization(at: now)
      if dllp.phase == .initialize2 { finishInitialization() }
    case .initializing2:
      if dllp.phase == .initialize2 { finishInitialization() }
    case .active:
      // The first of a round: without it every round would be answered three times.
      step.isRepeated = dllp.phase == .initialize2 && dllp.flowControlClass == .posted
    }
    return step
  }

  /// Something has arrived that tells that the partner has all advertisements.
  @inline(__always)
  mutating func confirmInitialization() {
    if state == .initializing2 { finishInitialization() }
  }

  private mutating func finishInitialization() {
    state = .active
    deadlines.initialization = .never
  }
}

// DLLPs to send.
extension DataLinkPort {
  /// Takes the next DLLP in the recommended order: Nak, Ack, then flow control.
  ///
  /// - Source: PCI Express Base 5.0, 3.6.2.3 "Recommended Priority of Scheduled Transmissions".
  mutating func takeDLLP() -> DLLP? {
    if pending.contains(.nak) {
      pending.subtract([.nak, .ack])
      deadlines.acknowledge = .never
      return .nak(sequence: receiver.lastAccepted)
    }
    if pending.contains(.ack) {
      pending.remove(.ack)
      deadlines.acknowledge = .never
      return .ack(sequence: receiver.lastAccepted)
    }
    return takeFlowControl()
  }

  private mutating func takeFlowControl() -> DLLP? {
    for flowControlClass in FlowControlClass.allCases {
      if pending.contains(.initializing(flowControlClass)) {
        pending.remove(.initializing(flowControlClass))
        let phase: FlowControlDLLP.Phase = state == .initializing1 ? .initialize1 : .initialize2
        return .flowControl(credits.dllp(phase, flowControlClass))
      }
    }
    for flowControlClass in FlowControlClass.allCases {
      if pending.contains(.updating(flowControlClass)) {
        pending.remove(.updating(flowControlClass))
        return .flowControl(credits.dllp(.update, flowControlClass))
      }
    }
    return nil
  }
}
