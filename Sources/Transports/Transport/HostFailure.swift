public import PCIe

/// A request of a host that has failed on its link, of which the host itself learns less.
public struct HostFailure: Hashable, Sendable {
  /// How it has failed.
  public enum Reason: Hashable, Sendable {
    case status(CompletionStatus)
    /// No completion came in time.
    case timeout
    /// The data came marked as bad.
    case poisoned
    /// The link is down, or went down meanwhile.
    case linkDown
  }

  public var reason: Reason
  public var isConfiguration: Bool
  /// An offset in a BAR or in configuration space.
  public var offset: UInt64
}
