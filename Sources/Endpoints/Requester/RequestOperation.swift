/// The handle of a transfer that a requester performs.
@frozen
public struct RequestOperation: Hashable, Sendable {
  /// What tells it from the other operations of its requester.
  public let index: Int

  /// The handle with a number.
  public init(index: Int) { self.index = index }
}
