public import LinkBroker
public import PCIe

/// Where a requester's requests leave the node.
public protocol RequestPath: ~Copyable {
  /// The port that leads to the target of a request, nil when none does; may set the type that the port
  /// needs.
  func port(for header: inout TLPHeader) -> FabricPort?
}

// An endpoint has one way out.
extension FabricPort: RequestPath {
  public func port(for header: inout TLPHeader) -> FabricPort? { self }
}
