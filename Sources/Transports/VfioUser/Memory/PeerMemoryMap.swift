import Glibc

/// The addresses at which a peer's memory can be reached, in the order of the addresses.
///
/// - Complexity: an access finds its window by halving; the window of the last one comes first.
package struct PeerMemoryMap {
  /// A range of addresses with what is behind it.
  package struct Window {
    let address: UInt64
    let bytes: UInt64
    let isReadable: Bool
    let isWritable: Bool
    /// Nil where only messages reach it.
    let memory: PeerMemory?

    package init(address: UInt64, bytes: UInt64, isReadable: Bool, isWritable: Bool, memory: PeerMemory?) {
      self.address = address
      self.bytes = bytes
      self.isReadable = isReadable
      self.isWritable = isWritable
      self.memory = memory
    }

    /// The last address.
    var last: UInt64 { address &+ (bytes - 1) }
  }

  private(set) var windows: [Window] = []
  private var recent = 0

  package init() {}

  /// How many windows there may be, as our version message says.
  ///
  /// Each of mapped memory is one of the process's mappings, of which Linux allows 65530.
  static let windowsMax = 4096

  /// Adds a window.
  ///
  /// - Throws: when it has no bytes, runs past the last address, or overlaps another.
  package mutating func add(_ window: Window) throws(VfioUserError) {
    guard window.bytes > 0, !window.address.addingReportingOverflow(window.bytes - 1).overflow else {
      throw VfioUserError(number: EINVAL)
    }
    guard windows.count < Self.windowsMax else { throw VfioUserError(number: ENOSPC) }
    let place = firstIndex(endingAtOrAfter: window.address)
    if place < windows.count, windows[place].address <= window.last { throw VfioUserError(number: EEXIST) }
    windows.insert(window, at: place)
    recent = place
  }

  /// Forgets a window.
  ///
  /// - Throws: when there is none of exactly that place and size.
  mutating func remove(address: UInt64, bytes: UInt64) throws(VfioUserError) {
    let place = firstIndex(endingAtOrAfter: address)
    guard place < windows.count, windows[place].address == address, windows[place].bytes == bytes else {
      throw VfioUserError(number: ENOENT)
    }
    windows.remove(at: place)
    recent = 0
  }

  /// Forgets all windows.
  mutating func removeAll() {
    windows.removeAll()
    recent = 0
  }

  private func firstIndex(endingAtOrAfter address: UInt64) -> Int {
    var (low, high) = (0, windows.count)
    while low < high {
      let middle = (low + high) / 2
      if windows[middle].last < address { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The window that an address is in.
  mutating func window(at address: UInt64) -> Window? {
    if recent < windows.count {
      let window = windows[recent]
      if window.address <= address, address <= window.last { return window }
    }
    let place = firstIndex(endingAtOrAfter: address)
    guard place < windows.count, windows[place].address <= address else { return nil }
    recent = place
    return windows[place]
  }

  /// How a range of addresses can be reached.
  enum Reach: Hashable {
    /// It is memory of which we have the pages or the file.
    case memory
    /// Some of it can only be reached by messages.
    case messages
    /// Some of it is nobody's, or may not be accessed that way.
    case nobody
  }

  /// How a range of some bytes can be reached, which windows may share.
  mutating func reach(_ address: UInt64, count: Int, isWrite: Bool) -> Reach {
    var reach = Reach.memory
    var next = address
    var left = UInt64(count)
    while left > 0 {
      guard let window = window(at: next), isWrite ? window.isWritable : window.isReadable else {
        return .nobody
      }
      if window.memory == nil { reach = .messages }
      let here = min(left, window.last - next &+ 1)
      left -= here
      let (sum, wraps) = next.addingReportingOverflow(here)
      if wraps, left > 0 { return .nobody }
      next = sum
    }
    return reach
  }
}

// Accesses to what is `.memory`.
extension PeerMemoryMap {
  /// Copies bytes out; false when the peer has taken them away.
  package mutating func read(_ address: UInt64, into target: inout MutableRawSpan) -> Bool {
    var done = 0
    let count = target.byteCount
    while done < count {
      let next = address &+ UInt64(done)
      guard let window = window(at: next), let memory = window.memory else { return false }
      let here = Int(min(UInt64(count - done), window.last - next &+ 1))
      var part = target._mutatingExtracting(done..<done + here)
      guard memory.read(at: Int(next - window.address), into: &part) else { return false }
      done += here
    }
    return true
  }

  /// Copies bytes in; false when the peer has taken the place away.
  package mutating func write(_ source: RawSpan, at address: UInt64) -> Bool {
    var done = 0
    while done < source.byteCount {
      let next = address &+ UInt64(done)
      guard let window = window(at: next), let memory = window.memory else { return false }
      let here = Int(min(UInt64(source.byteCount - done), window.last - next &+ 1))
      guard memory.write(source.extracting(done..<done + here), at: Int(next - window.address)) else {
        return false
      }
      done += here
    }
    return true
  }
}
