public import LinkBroker
public import PCIe

/// A device model with one port and one function: it serves BARs, the rest of PCI Express is done for it.
///
/// A model is a final class with a function and the two BAR methods; the others have defaults.
public protocol Endpoint: FabricNode {
  var function: Function { get }

  /// Puts bytes of a BAR into a payload, from a place on.
  ///
  /// The bytes are those that the request enables, in one or several calls; nothing else of the BAR is read.
  func readBar(_ range: BarRange, into payload: PayloadReference, at place: Int, in fabric: inout Fabric)
    -> BarResponse

  /// Takes bytes for a BAR out of a payload, from a place on.
  func writeBar(_ range: BarRange, from payload: PayloadReference, at place: Int, in fabric: inout Fabric)
    -> BarResponse

  /// A transfer that the model began has ended.
  func transferEnded(_ operation: RequestOperation, in fabric: inout Fabric)

  /// The function has been reset, transfers of the model have ended as timed out, registers start anew.
  func functionReset(_ kind: ResetKind, in fabric: inout Fabric)

  /// Software has written the function's configuration space, and what is kept beside it is up to date.
  func configurationWritten(_ write: ConfigurationWrite, in fabric: inout Fabric)

  /// Begins a new run of what the model leaves to chance.
  func reseed(_ seed: UInt64)

  /// A timer that the model set has run out; its token is not zero.
  func modelTimerFired(_ token: UInt64, in fabric: inout Fabric)
}

extension Endpoint {
  /// Does nothing.
  public func transferEnded(_ operation: RequestOperation, in fabric: inout Fabric) {}
  /// Does nothing.
  public func functionReset(_ kind: ResetKind, in fabric: inout Fabric) {}
  /// Does nothing.
  public func configurationWritten(_ write: ConfigurationWrite, in fabric: inout Fabric) {}
  /// Does nothing, as most models leave nothing to chance.
  public func reseed(_ seed: UInt64) {}
  /// Does nothing.
  public func modelTimerFired(_ token: UInt64, in fabric: inout Fabric) {}
}

// What the fabric asks of a node.
extension Endpoint {
  /// An endpoint asks only for what it can take.
  ///
  /// - Source: PCI Express Base 5.0, 2.6.1: infinite completion credits.
  public var takesEveryCompletion: Bool { true }

  /// Remembers the port.
  public func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) {
    function.attach(port, in: &fabric)
  }

  /// Gives a TLP to the function.
  public func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    function.receive(tlp, for: self, in: &fabric)
    return .consumed
  }

  /// Has the function answer a request as a fault tells.
  public func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    function.respond(to: tlp, with: response, for: self, in: &fabric)
    return .consumed
  }

  /// The ID that the function has captured.
  public func completerID(at port: Int) -> FunctionAddress { function.id }

  /// Tells the function's timer from those of the model.
  public func timerFired(_ token: UInt64, in fabric: inout Fabric) {
    if token == Function.requesterTimer {
      function.expireRequests(for: self, in: &fabric)
    } else {
      modelTimerFired(token, in: &fabric)
    }
  }

  /// Resets the function when its link goes down.
  public func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {
    switch change {
    case .up: function.showLink(in: &fabric)
    case .surpriseDown, .disabled, .hotReset: function.resetConventionally(for: self, in: &fabric)
    }
  }

  /// Records what the port's receiver has found and reported.
  public func portDetected(
    _ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric
  ) {
    function.record(violation, header, in: &fabric)
  }
}
