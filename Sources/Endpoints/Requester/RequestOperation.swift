/// The handle of a transfer that a requester performs.
@frozen
public struct RequestOperation: Hashable, Sendable {
  let index: Int
}
