import PCIe

/// TLPs in the order they came, in a ring that grows by doubling and is used again.
struct TransmitQueue: Sendable {
  private var storage: ContiguousArray<FabricTLP>
  private var head = 0
  private(set) var count = 0

  init(capacity: Int = 16) {
    storage = ContiguousArray(repeating: FabricTLP(header: .init()), count: capacity)
  }

  var isEmpty: Bool { count == 0 }

  /// The oldest TLP; there must be one.
  var first: FabricTLP { storage[head] }
  @inline(__always)
  mutating func append(_ tlp: FabricTLP) {
    if count == storage.count { grow() }
    storage[(head + count) & (storage.count - 1)] = tlp
    count += 1
  }

  @inline(__always)
  mutating func removeFirst() -> FabricTLP {
    precondition(count > 0, "an empty queue has no first TLP")
    let tlp = storage[head]
    head = (head + 1) & (storage.count - 1)
    count -= 1
    return tlp
  }

  /// Adds a TLP that is older than all others.
  mutating func prepend(_ tlp: FabricTLP) {
    if count == storage.count { grow() }
    head = (head - 1) & (storage.count - 1)
    storage[head] = tlp
    count += 1
  }

  /// Whether any waiting TLP fits.
  ///
  /// - Complexity: linear in the number of waiting TLPs.
  func contains(where fits: (FabricTLP) -> Bool) -> Bool {
    (0..<count).contains { fits(storage[(head + $0) & (storage.count - 1)]) }
  }

  @inline(never)
  private mutating func grow() {
    var larger = ContiguousArray<FabricTLP>()
    larger.reserveCapacity(storage.count * 2)
    for index in 0..<count { larger.append(storage[(head + index) & (storage.count - 1)]) }
    larger.append(contentsOf: repeatElement(FabricTLP(header: .init()), count: storage.count * 2 - count))
    storage = larger
    head = 0
  }
}
