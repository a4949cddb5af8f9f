import CPCIeLink

/// Looks at the rings of many links at once, without a system call.
///
/// - Complexity: a look costs a load or two for each ring; the one that was ready last comes first.
@safe public struct LinkWatch: ~Copyable {
  /// The broker's end of a ring; valid as long as its transport.
  @safe public struct End {
    let pointer: UnsafeMutablePointer<pcie_link_end>
  }

  private let ends: UnsafeMutablePointer<UnsafeMutablePointer<pcie_link_end>?>
  private let watch: UnsafeMutablePointer<pcie_link_watch>

  /// A watch over rings, whose transports must live as long as it.
  public init(_ list: [End]) {
    unsafe ends = .allocate(capacity: max(list.count, 1))
    for (index, end) in list.enumerated() { unsafe ends.advanced(by: index).initialize(to: end.pointer) }
    unsafe watch = .allocate(capacity: 1)
    unsafe watch.initialize(to: pcie_link_watch(ends: ends, count: UInt32(list.count), last: 0))
  }

  deinit {
    unsafe ends.deallocate()
    unsafe watch.deallocate()
  }

  /// Whether there is no ring, so that looking is of no use.
  public var isEmpty: Bool { unsafe watch.pointee.count == 0 }

  /// Whether a ring has something to do.
  public var hasNews: Bool { look() != nil }

  /// The number of a ring with something to do, nil when there is none.
  public func look() -> Int? {
    let index = unsafe pcie_link_watch_look(watch, 1)
    return index < 0 ? nil : Int(index)
  }

  /// Whether a program slept when it was last given something, so that its answer takes longer; told once.
  func takeWoken() -> Bool { unsafe pcie_link_watch_take_woken(watch) != 0 }

  /// The number of a ring with something to do; nil when for some hundred nanoseconds there is none.
  public func linger() -> Int? {
    let index = unsafe pcie_link_watch_linger(watch)
    return index < 0 ? nil : Int(index)
  }
}
