public import Simulation

/// What has arrived for somebody outside the fabric and waits for its transport, oldest first.
///
/// A TLP in it keeps its receive buffer, so that a peer that does not read holds back the sender, as the
/// credits of a real link do.
/// - Complexity: appending and taking are constant and allocate nothing once the queue has reached its size.
public struct OutsideQueue {
  private var tlps = TransmitQueue()
  private var news: [(place: UInt64, item: OutsideNews)] = []
  /// The TLPs that have waited so far: the place of what comes next.
  private var placeCount: UInt64 = 0
  /// Whether the peer has not taken all that it was given.
  public var isUntaken = false
  /// When the peer last took something, as far as its transport knows.
  public var lastTaken = VirtualTime.zero
  /// Takes TLPs past the queue as long as nothing waits in it; nil for none.
  public var sink: (any OutsideSink)?

  /// An empty queue.
  public init() {}

  /// How many TLPs wait.
  public var count: Int { tlps.count }
  /// Whether nothing waits.
  public var isEmpty: Bool { tlps.isEmpty && news.isEmpty }
  /// The oldest TLP, nil when none waits.
  public var first: FabricTLP? { tlps.isEmpty ? nil : tlps.first }

  /// Takes a TLP that has arrived for the peer, and tells the node's answer to it.
  public mutating func pass(_ tlp: FabricTLP, in fabric: borrowing Fabric) -> TLPDisposition {
    if isEmpty, sink?.take(tlp, in: fabric) ?? false { return .consumed }
    tlps.append(tlp)
    placeCount &+= 1
    sink?.call()
    return .forwarded
  }

  /// Adds news.
  public mutating func append(_ item: OutsideNews) {
    news.append((placeCount, item))
    sink?.call()
  }

  /// Whether any news waits.
  public var hasNews: Bool { !news.isEmpty }
  /// The oldest news, once no TLP waits that came before it; nil for none.
  public var firstNews: OutsideNews? {
    guard let first = news.first, placeCount &- UInt64(tlps.count) >= first.place else { return nil }
    return first.item
  }

  /// Forgets the oldest news; there must be some.
  public mutating func removeFirstNews() { news.removeFirst() }

  /// Takes all news, oldest first, before the TLPs that wait.
  public mutating func takeNews() -> [OutsideNews] {
    defer { news.removeAll(keepingCapacity: true) }
    return news.map(\.item)
  }

  /// Takes the oldest TLP, of which the transport has a copy, and frees what it occupied.
  ///
  /// There must be one.
  public mutating func removeFirst(in fabric: inout Fabric) { fabric.accept(tlps.removeFirst()) }

  /// Forgets all TLPs, as when the link or the peer is lost.
  public mutating func discard(in fabric: inout Fabric) {
    while !tlps.isEmpty { removeFirst(in: &fabric) }
  }
}

/// What happened to a peer's link or function other than by a TLP.
public enum OutsideNews: Hashable, Sendable {
  case link(LinkChange)
  /// Software has reset the function; requests of the peer from before it get no completion.
  case functionLevelReset
  /// Software has written to the configuration space that is kept for the peer, and this is what it has set.
  case configurationWritten(OutsideSettings)
}
