import PCIe
import Simulation

/// What is on one direction of a link, the oldest first, and behind it the last that was.
///
/// - Layout: a ring that grows by doubling; what has arrived keeps its place until `LinkHistory.depth` others
///   have arrived after it, so that a history costs nothing.
struct Wire: Sendable {
  private var storage: ContiguousArray<FabricTLP>
  private var head = 0
  private(set) var count = 0
  /// The TLPs that have arrived since the history began.
  private var arrived: UInt64 = 0
  /// The last ones that were given up before they left.
  private var unsent: [LinkRecord] = []
  /// Raised when the wire is emptied, so that arrivals scheduled before then come to nothing.
  var epoch: UInt32 = 0
  private let isDownstream: Bool

  init(isDownstream: Bool) {
    self.isDownstream = isDownstream
    storage = ContiguousArray(repeating: FabricTLP(header: .init()), count: LinkHistory.depth * 2)
  }

  var isEmpty: Bool { count == 0 }

  @inline(__always)
  private func index(_ place: Int) -> Int { (head &+ place) & (storage.count &- 1) }

  /// A TLP by its place behind the oldest one; places below zero are of those that have arrived.
  subscript(place: Int) -> FabricTLP { storage[index(place)] }

  /// When the oldest TLP arrives; there must be one.
  @inline(__always)
  var nextArrival: VirtualTime { storage[head].arrival }
  /// When the youngest TLP leaves; there must be one.
  @inline(__always)
  var lastDeparture: VirtualTime { storage[index(count - 1)].departure }

  /// How many TLPs have not left yet.
  ///
  /// - Complexity: logarithmic, as they leave in order.
  func count(leavingAfter now: VirtualTime) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].departure > now { high = middle } else { low = middle + 1 }
    }
    return count - low
  }

  @inline(__always)
  mutating func append(_ tlp: FabricTLP) {
    if count >= storage.count - LinkHistory.depth { grow() }
    storage[index(count)] = tlp
    count += 1
  }

  @inline(__always)
  mutating func removeFirst() -> FabricTLP {
    precondition(count > 0, "an empty wire has no first TLP")
    let tlp = storage[head]
    head = index(1)
    count -= 1
    arrived &+= 1
    return tlp
  }

  /// Takes the youngest TLP back.
  mutating func removeLast() -> FabricTLP {
    precondition(count > 0, "an empty wire has no last TLP")
    count -= 1
    return storage[index(count)]
  }

  /// Remembers a TLP that travels in a frame of the data link layer.
  @inline(__always)
  mutating func remember(_ tlp: FabricTLP) {
    storage[head] = tlp
    head = index(1)
    arrived &+= 1
  }

  /// Remembers a TLP that has arrived already, as `write` puts it in the place of the one before.
  @inline(__always)
  mutating func remember(_ write: (inout FabricTLP) -> Void) {
    write(&storage[head])
    head = index(1)
    arrived &+= 1
  }

  @inline(never)
  private mutating func grow() {
    var larger = ContiguousArray<FabricTLP>()
    larger.reserveCapacity(storage.count * 2)
    for place in -LinkHistory.depth..<count { larger.append(self[place]) }
    larger.append(
      contentsOf: repeatElement(FabricTLP(header: .init()), count: storage.count * 2 - larger.count))
    storage = larger
    head = LinkHistory.depth
  }
}

// What was on the wire.
extension Wire {
  /// The TLPs that have arrived and are still remembered.
  private var kept: Int { Int(min(arrived, UInt64(LinkHistory.depth))) }

  /// Notes that a TLP that had arrived was dropped, unless it is forgotten.
  mutating func discard(_ tlp: FabricTLP) {
    for place in (-kept..<0).reversed() where self[place].sequence == tlp.sequence {
      storage[index(place)].fate = .discarded
      return
    }
  }

  /// Keeps a TLP in mind that is given up before it leaves.
  mutating func giveUp(_ tlp: FabricTLP, at now: VirtualTime) {
    if unsent.count == LinkHistory.depth { unsent.removeFirst() }
    unsent.append(LinkRecord(tlp, isDownstream: isDownstream, fate: .unsent, time: now))
  }

  mutating func forgetHistory() {
    arrived = 0
    unsent.removeAll()
  }

  /// The last TLPs that have left by an instant, those that were given up, and the number of all that left.
  func history(until now: VirtualTime) -> (parts: [[LinkRecord]], total: UInt64) {
    let places = (-kept..<count).filter { $0 < 0 || self[$0].departure <= now }
    let records = places.suffix(LinkHistory.depth).map {
      LinkRecord(self[$0], isDownstream: isDownstream, fate: self[$0].fate, time: self[$0].departure)
    }
    return ([records, unsent], arrived + UInt64(places.count - kept))
  }
}
