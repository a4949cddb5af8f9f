import PCIe

/// The non-posted requests that a direction of a link has carried and that wait for a completion.
///
/// - Layout: open addressing with linear probing; a key is requester ID and tag, kept as key plus one.
/// - Complexity: constant; allocates only when more requests are outstanding than ever before.
struct TagTable: Sendable {
  private var slots: ContiguousArray<UInt32>
  private(set) var count = 0

  init() { slots = ContiguousArray(repeating: 0, count: 128) }

  private static func key(_ requester: FunctionAddress, _ tag: UInt16) -> UInt32 {
    (UInt32(requester.rawValue) << 10 | UInt32(tag & 0x3ff)) + 1
  }

  private func home(_ key: UInt32) -> Int {
    Int(truncatingIfNeeded: key &* 0x9e37_79b1 >> 8) & (slots.count - 1)
  }

  /// Adds a request; false when the same requester already waits with that tag.
  @inline(__always)
  mutating func insert(_ requester: FunctionAddress, _ tag: UInt16) -> Bool {
    if count * 2 >= slots.count { grow() }
    let key = Self.key(requester, tag)
    var index = home(key)
    while slots[index] != 0 {
      if slots[index] == key { return false }
      index = (index + 1) & (slots.count - 1)
    }
    slots[index] = key
    count += 1
    return true
  }

  /// Whether a request waits.
  func contains(_ requester: FunctionAddress, _ tag: UInt16) -> Bool {
    let key = Self.key(requester, tag)
    var index = home(key)
    while slots[index] != 0 {
      if slots[index] == key { return true }
      index = (index + 1) & (slots.count - 1)
    }
    return false
  }

  /// Removes a request; false when none waits with that tag.
  @discardableResult @inline(__always)
  mutating func remove(_ requester: FunctionAddress, _ tag: UInt16) -> Bool {
    let key = Self.key(requester, tag)
    var index = home(key)
    while slots[index] != key {
      if slots[index] == 0 { return false }
      index = (index + 1) & (slots.count - 1)
    }
    close(index)
    count -= 1
    return true
  }

  /// Moves later entries of the probe chain forward, so that no look-up stops early at the gap.
  @inline(__always)
  private mutating func close(_ gap: Int) {
    var gap = gap
    var index = (gap + 1) & (slots.count - 1)
    while slots[index] != 0 {
      let distance = (index &- home(slots[index])) & (slots.count - 1)
      if distance >= (index &- gap) & (slots.count - 1) {
        slots[gap] = slots[index]
        gap = index
      }
      index = (index + 1) & (slots.count - 1)
    }
    slots[gap] = 0
  }

  @inline(never)
  private mutating func grow() {
    let old = slots
    slots = ContiguousArray(repeating: 0, count: old.count * 2)
    for key in old where key != 0 {
      var index = home(key)
      while slots[index] != 0 { index = (index + 1) & (slots.count - 1) }
      slots[index] = key
    }
  }

  /// The waiting requests in the order of requester and tag.
  func sorted() -> [(requester: FunctionAddress, tag: UInt16)] {
    slots.filter { $0 != 0 }.sorted().map { key in
      (FunctionAddress(rawValue: UInt16(truncatingIfNeeded: (key - 1) >> 10)), UInt16((key - 1) & 0x3ff))
    }
  }

  mutating func removeAll() {
    for index in slots.indices { slots[index] = 0 }
    count = 0
  }
}
