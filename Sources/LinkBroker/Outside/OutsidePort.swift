public import PCIe
public import Simulation

/// One end of a link with a peer outside the fabric that does all there is to do itself: a host, or a device
/// that owns its configuration space.
public final class OutsidePort: OutsideEnd {
  public var outbox = OutsideQueue()
  public var hasWaiting: Bool { !outbox.isEmpty }
  public private(set) var port: FabricPort?
  /// The ID of the completions that faults make in the peer's name.
  ///
  /// A host is 00:00.0; a device captures its own from configuration writes.
  public private(set) var id = FunctionAddress(rawValue: 0)
  /// Interrupt messages that have arrived and that nobody has claimed.
  private var interrupts: [Arrival: Int] = [:]
  /// Interrupt messages that have arrived.
  public private(set) var interruptCount: UInt64 = 0

  /// What tells interrupts apart.
  private struct Arrival: Hashable {
    let vector: Int16
    let source: FunctionAddress
  }

  /// A port that is not connected.
  public init() {}

  /// The peer decides what is unexpected.
  public var takesEveryCompletion: Bool { true }

  public func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) { self.port = port }

  public func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    if tlp.kind == .configurationWrite0 { id = tlp.header.destinationID }
    if tlp.interrupt >= 0 {
      interrupts[Arrival(vector: tlp.interrupt, source: tlp.header.requesterID), default: 0] += 1
      interruptCount += 1
    }
    return outbox.pass(tlp, in: fabric)
  }

  /// Has a fault answer in the peer's name: by a completion without data, of which the peer learns nothing.
  ///
  /// A fault that splits completions belongs to a model; a peer gives its own answer.
  public func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    guard case .status(let status) = response, status != .successful else {
      return receive(tlp, at: port, in: &fabric)
    }
    if tlp.kind?.flowControlClass == .nonPosted, let end = self.port {
      let header = TLPHeader.completion(of: tlp.header, status: status, completer: id)
      fabric.send(FabricTLP(header: header), from: end)
    }
    return .consumed
  }

  public func completerID(at port: Int) -> FunctionAddress { id }
  public func timerFired(_ token: UInt64, in fabric: inout Fabric) {}

  public func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {
    if change != .up { outbox.discard(in: &fabric) }
    outbox.append(.link(change))
  }

  /// The peer has registers of its own, or none; what was found stands among the findings.
  public func portDetected(
    _ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric
  ) {}

  /// The peer fills in its headers itself.
  public func identify(_ header: inout TLPHeader, at now: VirtualTime) -> OutsideRefusal? {
    port == nil ? .unconnected : nil
  }

  public func willSend(_ header: TLPHeader, in fabric: inout Fabric) {}

  public func completionBytesMax(at now: VirtualTime) -> Int { .max }

  public func raise(_ interrupt: OutsideInterrupt, in fabric: inout Fabric) -> OutsideRefusal? {
    .ownsInterrupts
  }

  public func settings(in fabric: borrowing Fabric) -> OutsideSettings {
    var settings = OutsideSettings()
    settings.id = id
    guard let port else { return settings }
    settings.maxPayloadBytes = fabric.configuration(ofLink: port.link).maxPayloadBytes
    settings.isLinkUp = fabric.state(ofLink: port.link) == .up
    return settings
  }

  /// Forgets all interrupts that have come.
  public func forgetInterrupts() {
    interrupts = [:]
    interruptCount = 0
  }

  /// Takes one interrupt of an MSI-X vector; false when none has come that was not taken.
  ///
  /// - Parameter source: the function that it must come from; nil for any.
  public func claimInterrupt(vector: Int, from source: FunctionAddress? = nil) -> Bool {
    let found = interrupts.first {
      $0.value > 0 && Int($0.key.vector) == vector && (source == nil || source == $0.key.source)
    }
    guard let found else { return false }
    interrupts[found.key] = found.value - 1
    return true
  }
}
