import LinkBroker
import PCIe

/// What a device has sent, in its order: what it posts, and what must not pass that on the link.
///
/// Its writes go out first in, first out; completions, interrupts and reads behind a write wait until it is
/// out. Nothing waits here for a read, which may wait for the host for long.
/// - Source: PCI Express Base 5.0, 2.4.1 table 2-40: neither a completion nor a read passes a posted request.
struct VfioUserOutflow {
  /// One thing that goes out.
  enum Item {
    case write(VfioUserToken, address: UInt64, data: [UInt8])
    case read(VfioUserAccess)
    case completion(TLPHeader, VfioUserClient.Reply)
    case interrupt(VfioUserInterruptIndex, Int)
  }

  private var items: [Item] = []
  private var next = 0
  /// How much of the first one, a write, is out.
  ///
  /// - Units: bytes.
  var written = 0
  /// The data of all of them, which is what they take of memory.
  private(set) var bytes = 0
  private static let compaction = 256

  /// How many there are.
  var count: Int { items.count - next }

  var first: Item? { next < items.count ? items[next] : nil }

  mutating func add(_ item: Item) {
    bytes += Self.bytes(of: item)
    items.append(item)
  }

  mutating func removeFirst() {
    bytes -= Self.bytes(of: items[next])
    // What it holds is given back at once.
    items[next] = .interrupt(.intx, 0)
    next += 1
    written = 0
    guard next == items.count || next > Self.compaction else { return }
    items.removeFirst(next)
    next = 0
  }

  /// Drops what has no meaning behind a reset.
  mutating func reset() {
    let rest = items[next...].filter { item in
      switch item {
      case .write, .read: true
      case .completion, .interrupt: false
      }
    }
    items = Array(rest)
    next = 0
    bytes = items.reduce(0) { $0 + Self.bytes(of: $1) }
  }

  private static func bytes(of item: Item) -> Int {
    switch item {
    case .write(_, _, let data): data.count
    case .completion(_, let reply): reply.payload.count
    case .read, .interrupt: 0
    }
  }
}
