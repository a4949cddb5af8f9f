import PCIe

/// The TLPs that have been sent and not acknowledged, the oldest first.
///
/// - Source: PCI Express Base 5.0, 3.6.2.1: "retry buffer".
struct ReplayBuffer: Sendable {
  private var storage: ContiguousArray<FabricTLP> = []
  private var head = 0
  private(set) var count = 0

  /// A TLP by its place, the oldest at zero.
  @inline(__always)
  subscript(index: Int) -> FabricTLP { storage[(head + index) & (storage.count - 1)] }

  @inline(__always)
  mutating func append(_ tlp: FabricTLP) {
    if count == storage.count { grow() }
    storage[(head + count) & (storage.count - 1)] = tlp
    count += 1
  }

  /// Forgets the oldest TLP.
  ///
  /// - Returns: its payload, which the buffer shares no more.
  @inline(__always)
  mutating func removeFirst() -> PayloadReference {
    precondition(count > 0, "an empty buffer has no first TLP")
    let payload = storage[head].payload
    head = (head + 1) & (storage.count - 1)
    count -= 1
    return payload
  }

  @inline(never)
  private mutating func grow() {
    var larger = ContiguousArray<FabricTLP>()
    let capacity = max(8, storage.count * 2)
    larger.reserveCapacity(capacity)
    for index in 0..<count { larger.append(self[index]) }
    larger.append(contentsOf: repeatElement(FabricTLP(header: .init()), count: capacity - count))
    storage = larger
    head = 0
  }
}
