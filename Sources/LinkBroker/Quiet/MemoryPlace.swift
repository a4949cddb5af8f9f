/// A place in the memory of a node.
public struct MemoryPlace: Hashable, Sendable {
  /// What the node knows the memory by.
  public let region: Int
  /// - Units: bytes from the start of the region.
  public let offset: Int
}
