/// What takes TLPs for a peer outside the fabric while they arrive, so that they need not wait at its node.
public protocol OutsideSink: AnyObject {
  /// Copies a TLP for the peer; false when there is no room, so that it waits at the node.
  func take(_ tlp: FabricTLP, in fabric: borrowing Fabric) -> Bool
  /// Something has been left in the node's outbox.
  func call()
}
