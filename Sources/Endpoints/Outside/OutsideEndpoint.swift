public import LinkBroker
public import PCIe
public import Simulation

/// A device program behind a transport, for which configuration space, interrupts and errors are kept.
///
/// Requests for its BARs and completions of its own requests go to the program as they are; configuration
/// requests, messages and the MSI-X table are served here. So a program of a few lines is a whole function.
public final class OutsideEndpoint: Endpoint, OutsideEnd {
  public let function: Function
  public var outbox = OutsideQueue()
  public var hasWaiting: Bool { !outbox.isEmpty }
  /// What the program waits for; nil where its wire waits for it.
  private var requests: OutsideRequests?

  /// - Parameter watchesRequests: whether requests of the program are given up after the completion timeout
  ///   of its function, which has to record it.
  /// - Throws: what is wrong with the description.
  public init(_ configuration: FunctionConfiguration, watchesRequests: Bool = true) throws(EndpointError) {
    function = try Function(configuration)
    requests = watchesRequests ? OutsideRequests() : nil
  }

  public var port: FabricPort? { function.port }

  public func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    if isAwaited(tlp.header), function.passes(tlp, in: &fabric) {
      if tlp.header.isCompletionShaped, tlp.header.endsItsRequest { requests?.close(tlp.header.tag) }
      return outbox.pass(tlp, in: fabric)
    }
    let isConfigurationWrite = tlp.kind == .configurationWrite0
    function.receive(tlp, for: self, in: &fabric)
    if isConfigurationWrite { outbox.append(.configurationWritten(settings(in: fabric))) }
    return .consumed
  }

  /// Whether a TLP is no completion that comes without a request, too late or twice.
  private func isAwaited(_ header: TLPHeader) -> Bool {
    guard header.isCompletionShaped, let requests else { return true }
    return requests.isOpen(header.tag)
  }

  /// Gives up what the program has waited for too long.
  ///
  /// - Source: PCI Express Base 5.0, 2.8 "Completion Timeout Mechanism".
  public func timerFired(_ token: UInt64, in fabric: inout Fabric) {
    guard let late = requests?.expire(at: fabric.now) else { return }
    if let next = requests?.timerAt { arm(next, in: &fabric) }
    for tag in late {
      fabric.abandon(function.id, tag: tag)
      function.detect(.completionTimeout, .timeout(tag: tag), nil, in: &fabric)
    }
  }

  private func arm(_ deadline: VirtualTime, in fabric: inout Fabric) {
    guard let port, deadline != .never else { return }
    fabric.setTimer(after: deadline - fabric.now, node: port.node, token: Function.requesterTimer)
  }

  /// A request that expects completions is given up when none comes.
  public func willSend(_ header: TLPHeader, in fabric: inout Fabric) {
    guard header.kind?.flowControlClass == .nonPosted else { return }
    let deadline = fabric.now + function.requester.limits.completionTimeout
    if requests?.open(header.tag, until: deadline) ?? false { arm(deadline, in: &fabric) }
  }

  /// Gets here only for a request of which the MSI-X table holds one part and the program another.
  public func readBar(
    _ range: BarRange, into payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) -> BarResponse { .completerAbort }

  /// Gets here only for a request of which the MSI-X table holds one part and the program another.
  public func writeBar(
    _ range: BarRange, from payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) -> BarResponse { .completerAbort }

  /// Forgets what waits for the program and what the program waits for, and tells it.
  public func functionReset(_ kind: ResetKind, in fabric: inout Fabric) {
    for tag in requests?.removeAll() ?? [] { fabric.abandon(function.id, tag: tag) }
    outbox.discard(in: &fabric)
    if kind == .functionLevel { outbox.append(.functionLevelReset) }
  }

  public func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {
    switch change {
    case .up: function.showLink(in: &fabric)
    case .surpriseDown, .disabled, .hotReset: function.resetConventionally(for: self, in: &fabric)
    }
    outbox.append(.link(change))
  }

  /// Fills in the function's ID.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.6.2 and 2.2.9 for the IDs, 7.5.1.1.3 for Bus Master Enable.
  public func identify(_ header: inout TLPHeader, at now: VirtualTime) -> OutsideRefusal? {
    guard function.port != nil else { return .unconnected }
    if header.isCompletionShaped {
      header.completerID = function.id
      return nil
    }
    guard function.mayRequest(at: now) else { return .mayNotRequest }
    header.requesterID = function.id
    return nil
  }

  public func completionBytesMax(at now: VirtualTime) -> Int {
    function.limits.configuresFrom <= now ? function.limits.maxPayloadBytes : 0
  }

  public func raise(_ interrupt: OutsideInterrupt, in fabric: inout Fabric) -> OutsideRefusal? {
    let outcome =
      switch interrupt {
      case .msix(let vector): function.raiseMSIX(vector, in: &fabric)
      case .msi(let vector): function.raiseMSI(vector, in: &fabric)
      case .intx(let isAsserted): function.setINTx(isAsserted, in: &fabric)
      }
    return outcome == .outOfRange ? .noSuchInterrupt : nil
  }

  public func settings(in fabric: borrowing Fabric) -> OutsideSettings {
    let space = function.space
    var settings = OutsideSettings()
    for bar in space.header.bars where space.isDecoding(bar) {
      settings.barAddresses[bar.index] = space.address(of: bar)
    }
    settings.id = function.id
    settings.maxPayloadBytes = space.maxPayloadBytes
    settings.maxReadRequestBytes = space.maxReadRequestBytes
    settings.readCompletionBoundary = 128
    settings.tagCount = function.limits.tagCount
    settings.isBusMasterEnabled = function.mayRequest(at: fabric.now)
    settings.isMSIXEnabled = space.isMSIXEnabled
    settings.msiVectors = space.isMSIEnabled ? space.msiVectorCount : 0
    settings.isINTxDisabled = space.command.contains(.interruptDisable)
    if let port { settings.isLinkUp = fabric.state(ofLink: port.link) == .up }
    return settings
  }
}
