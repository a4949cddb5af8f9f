import PCIe
import Simulation

/// Frames on a wire in the order they were sent, in a ring that grows by doubling and is used again.
struct FrameQueue: Sendable {
  private var storage: ContiguousArray<LinkFrame> = []
  private var head = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// When the oldest frame arrives; nil when there is none.
  var nextArrival: VirtualTime? { count == 0 ? nil : storage[head].arrival }

  @inline(__always)
  mutating func append(_ frame: LinkFrame) {
    if count == storage.count { grow() }
    storage[(head + count) & (storage.count - 1)] = frame
    count += 1
  }

  @inline(__always)
  mutating func removeFirst() -> LinkFrame {
    precondition(count > 0, "an empty queue has no first frame")
    let frame = storage[head]
    head = (head + 1) & (storage.count - 1)
    count -= 1
    return frame
  }

  @inline(never)
  private mutating func grow() {
    var larger = ContiguousArray<LinkFrame>()
    let capacity = max(8, storage.count * 2)
    larger.reserveCapacity(capacity)
    for index in 0..<count { larger.append(storage[(head + index) & (storage.count - 1)]) }
    larger.append(contentsOf: repeatElement(LinkFrame(dllp: 0), count: capacity - count))
    storage = larger
    head = 0
  }
}
