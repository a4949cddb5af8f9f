/// The virtual wire of a function: what the model wants, and what the root complex has been told.
struct INTxState: Hashable, Sendable {
  var isAsserted = false
  /// An assert message is out and no deassert has followed it.
  var isSignaled = false
}
