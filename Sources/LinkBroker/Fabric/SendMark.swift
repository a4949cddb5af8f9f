import Simulation

/// A moment in what a direction of a link sends.
public struct SendMark: Hashable, Sendable {
  fileprivate let direction: Int
  fileprivate let epoch: UInt32
  fileprivate let sequence: UInt64
}

extension Fabric {
  /// The moments at which a node's posted requests sent so far will all have left it, or be lost with their
  /// link; each of them is an event.
  public mutating func sendMarks(of node: Int) -> [SendMark] {
    directions.indices.compactMap { direction in
      guard sender(of: direction).node == node else { return nil }
      recall(direction)
      guard !directions[direction].queues.posted.isEmpty else { return nil }
      return SendMark(
        direction: direction, epoch: directions[direction].wire.epoch,
        sequence: directions[direction].order.nextSequence)
    }
  }

  /// Whether a moment has come.
  public func isPast(_ mark: SendMark) -> Bool {
    if directions[mark.direction].wire.epoch != mark.epoch { return true }
    return directions[mark.direction].queues.posted.isEmpty
      || directions[mark.direction].queues.posted.first.sequence >= mark.sequence
  }
}
