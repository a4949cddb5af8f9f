public import LinkBroker
import PCIe
import Simulation

extension Requester {
  /// A request that got no completion in time.
  public struct Expiry: Hashable, Sendable {
    public var tag: UInt16
    public var operation: RequestOperation
    /// Whether it was the last request of its transfer.
    public var endsTransfer: Bool
  }

  /// The timer of this requester has run out; gives the requests that are too late.
  ///
  /// - Source: PCI Express Base 5.0, 2.8 "Completion Timeout Mechanism".
  public mutating func timerFired(over path: borrowing some RequestPath & ~Copyable, in fabric: inout Fabric)
    -> [Expiry]
  {
    guard fabric.now >= timerAt else { return [] }
    timerAt = .never
    var next = VirtualTime.never
    var expired: [Expiry] = []
    for tag in pending.indices where !pending[tag].isFree {
      if pending[tag].deadline <= fabric.now {
        expired.append(expire(UInt16(truncatingIfNeeded: tag), in: &fabric))
      } else if pending[tag].deadline < next {
        next = pending[tag].deadline
      }
    }
    arm(next, in: &fabric)
    resumeWaiting(over: path, in: &fabric)
    return expired
  }

  private mutating func expire(_ tag: UInt16, in fabric: inout Fabric) -> Expiry {
    let index = forget(tag, in: &fabric)
    counts.timeouts &+= 1
    transfers[index].fail(.timeout)
    close(index)
    let operation = RequestOperation(index: index)
    guard transfers[index].kind != .translation else {
      settleTranslation(index)
      return Expiry(tag: tag, operation: operation, endsTransfer: false)
    }
    return Expiry(tag: tag, operation: operation, endsTransfer: transfers[index].isDone)
  }

  private mutating func forget(_ tag: UInt16, in fabric: inout Fabric) -> Int {
    let index = Int(pending[Int(tag)].operation)
    pending[Int(tag)].operation = -1
    if pending[Int(tag)].isOwed { translations.readEnded() }
    tags.release(tag)
    fabric.abandon(id, tag: tag)
    return index
  }

  /// Forgets all that is outstanding, as a reset does; transfers end as if they had timed out.
  public mutating func reset(in fabric: inout Fabric) {
    for index in waiting { abort(index) }
    waiting.removeAll(keepingCapacity: true)
    for tag in pending.indices where !pending[tag].isFree {
      let index = forget(UInt16(truncatingIfNeeded: tag), in: &fabric)
      transfers[index].outstanding -= 1
      abort(index)
      if transfers[index].kind == .translation { release(RequestOperation(index: index)) }
    }
    translations.removeAll()
  }

  private mutating func abort(_ index: Int) {
    transfers[index].fail(.timeout)
    if transfers[index].outstanding == 0 { transfers[index].isDone = true }
  }
}
