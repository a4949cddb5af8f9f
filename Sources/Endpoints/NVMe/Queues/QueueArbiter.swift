/// Whose turn it is, and what tells queues from earlier ones of the same number.
struct QueueArbiter: Hashable, Sendable {
  var next = 0
  private var generation: UInt32 = 0

  mutating func nextGeneration() -> UInt32 {
    generation &+= 1
    return generation
  }
}
