import PCIe
import Simulation

/// Credits on their way back to the transmitter, in the order they become usable.
///
/// They need no event of their own: the transmitter looks when it has something to send.
struct CreditReturns: Sendable {
  struct Entry: Sendable {
    var time: VirtualTime
    var data: Int32
    var flowControlClass: FlowControlClass
  }

  private var storage: ContiguousArray<Entry>
  private var head = 0
  private var count = 0

  init(capacity: Int = 64) {
    let none = Entry(time: .zero, data: 0, flowControlClass: .posted)
    storage = ContiguousArray(repeating: none, count: capacity)
  }

  /// When the next credit becomes usable, nil when none is on its way.
  var nextTime: VirtualTime? { count == 0 ? nil : storage[head].time }

  @inline(__always)
  mutating func append(_ entry: Entry) {
    if count == storage.count { grow() }
    storage[(head + count) & (storage.count - 1)] = entry
    count += 1
  }

  /// Adds what has arrived by now to the pool.
  @inline(__always)
  mutating func absorb(until now: VirtualTime, into pool: inout CreditPool) {
    while count > 0, storage[head].time <= now {
      let entry = storage[head]
      pool.give(entry.flowControlClass, data: entry.data)
      head = (head + 1) & (storage.count - 1)
      count -= 1
    }
  }

  /// When an amount of a class will be enough for a TLP, nil when what is on its way is too little.
  ///
  /// - Complexity: linear in the credits on their way.
  func time(
    when amount: CreditPool.Amount, of flowControlClass: FlowControlClass, allows data: Int32
  ) -> VirtualTime? {
    var amount = amount
    for place in 0..<count {
      let entry = storage[(head + place) & (storage.count - 1)]
      guard entry.flowControlClass == flowControlClass else { continue }
      amount.give(data: entry.data)
      if amount.headers > 0, amount.data >= data { return entry.time }
    }
    return nil
  }

  mutating func removeAll() {
    head = 0
    count = 0
  }

  @inline(never)
  private mutating func grow() {
    var larger = ContiguousArray<Entry>()
    for index in 0..<count { larger.append(storage[(head + index) & (storage.count - 1)]) }
    larger.append(contentsOf: repeatElement(storage[0], count: storage.count * 2 - count))
    storage = larger
    head = 0
  }
}
