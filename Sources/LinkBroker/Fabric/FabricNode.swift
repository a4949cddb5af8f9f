public import PCIe

/// A part of the topology that links end at: root complex, switch or endpoint.
///
/// A node never blocks and never reads a clock; it acts only when it is called, and through the fabric.
public protocol FabricNode: AnyObject {
  /// Whether it takes every completion that comes, as end points and root complexes do and switches do not.
  var takesEveryCompletion: Bool { get }
  /// What of the node is plain memory; nil for none.
  var memory: (any NodeMemory)? { get }
  /// A port of the node has been connected.
  func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric)
  /// A TLP has arrived at a port.
  func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition
  /// A request has arrived at a port, and a fault tells how the node answers it.
  ///
  /// The node records what the specification demands of a completer that answers so.
  func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition
  /// The ID that completions from a port carry.
  func completerID(at port: Int) -> FunctionAddress
  /// A timer that the node set has run out.
  func timerFired(_ token: UInt64, in fabric: inout Fabric)
  /// The link at a port has gone down or come up.
  func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric)
  /// A port found an error: its receiver in a TLP, which is dropped then, or its data link layer.
  ///
  /// The header is that of the TLP at fault; nil where the error belongs to none.
  func portDetected(_ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric)
}

/// Whether a node is done with a TLP that it was given.
public enum TLPDisposition: Sendable {
  /// The fabric may use its payload again and return its credits.
  case consumed
  /// The node passed it on by `Fabric.forward`, which keeps payload and credits.
  case forwarded
}

/// What happened to a link, as the nodes at its ends are told.
public enum LinkChange: Hashable, Sendable {
  case up
  /// Lost without software's doing: the upstream port reports Surprise Down.
  case surpriseDown
  /// Disabled by software.
  case disabled
  /// A hot reset reaches the downstream component.
  case hotReset
}

/// One end of a link as its node sees it.
public struct FabricPort: Hashable, Sendable {
  public let link: Int
  /// Whether the link leads away from the root complex.
  public let isDownstream: Bool
  /// The node that owns this end.
  public let node: Int
  /// The number of this end among the node's ports.
  public let number: Int

  /// The direction that this end sends on: twice the link's number, plus one towards the root complex.
  var outgoing: Int { link * 2 + (isDownstream ? 0 : 1) }
}
