public import LinkBroker
public import PCIe

/// A device model with one port and one function: it serves BARs, everything else of PCI Express is done for it.
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

  /// A timer that the model set has run out; its token is not zero.
  func modelTimerFired(_ token: UInt64, in fabric: inout Fabric)
}

extension Endpoint {
  public func transferEnded(_ operation: RequestOperation, in fabric: inout Fabric) {}
  public func functionReset(_ kind: ResetKind, in fabric: inout Fabric) {}
  public func modelTimerFired(_ token: UInt64, in fabric: inout Fabric) {}
}

// What the fabric asks of a node.
extension Endpoint {
  public var takesEveryCompletion: Bool { true }

  public func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) {
    function.attach(port, in: &fabric)
  }

  public func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    function.receive(tlp, for: self, in: &fabric)
    return .consumed
  }

  public func timerFired(_ token: UInt64, in fabric: inout Fabric) {
    if token == Function.requesterTimer {
      function.expireRequests(for: self, in: &fabric)
    } else {
      modelTimerFired(token, in: &fabric)
    }
  }

  public func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {
    switch change {
    case .up: function.showLink(in: &fabric)
    case .surpriseDown, .disabled, .hotReset: function.resetConventionally(for: self, in: &fabric)
    }
  }

  public func portDetected(
    _ violation: Violation, in header: TLPHeader, at port: Int, in fabric: inout Fabric
  ) {
    function.record(violation, header, in: &fabric)
  }
}
