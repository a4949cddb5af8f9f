/// What became of an interrupt that a function wanted to raise.
public enum InterruptOutcome: Hashable, Sendable {
  /// The message is on its way.
  case sent
  /// A mask holds it back; it is sent when the mask is lifted.
  case pending
  /// Software has not enabled it, or the function may not master the bus: the interrupt is lost.
  case disabled
  /// The function has no such vector, or software granted fewer.
  case outOfRange
}
