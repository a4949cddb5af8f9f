import CSystem
import Glibc

/// A piece of a peer's memory of which we have the descriptor.
///
/// Its pages are used where the peer cannot take them away; else each access is a call of the operating
/// system, since a page that is gone would end the process.
@safe package final class PeerMemory {
  package let bytes: Int
  let isWritable: Bool

  /// The pages; nil where accesses are calls.
  private let pages: UnsafeMutableRawPointer?
  private let descriptor: PassedDescriptor?
  private let offset: UInt64

  /// Takes a piece of a file of memory.
  ///
  /// - Throws: such as that the file ends before the piece does.
  package init(_ descriptor: PassedDescriptor, offset: UInt64, bytes: Int, isWritable: Bool)
    throws(VfioUserError)
  {
    let whole = csys_file_bytes(descriptor.number)
    guard whole >= 0 else { throw VfioUserError(number: Int32(truncatingIfNeeded: -whole)) }
    guard bytes > 0, offset <= UInt64(whole), UInt64(bytes) <= UInt64(whole) - offset else {
      throw VfioUserError(number: EINVAL)
    }
    self.bytes = bytes
    self.isWritable = isWritable
    self.offset = offset
    guard csys_cannot_shrink(descriptor.number) != 0 else {
      unsafe pages = nil
      self.descriptor = descriptor
      return
    }
    var start: UnsafeMutableRawPointer?
    let result = unsafe csys_map(descriptor.number, offset, bytes, isWritable ? 1 : 0, &start)
    guard result == 0 else { throw VfioUserError(number: -result) }
    unsafe pages = start
    self.descriptor = nil
  }

  /// Whether a descriptor is memory; accesses to any other file may wait for somebody without end.
  static func isMemory(_ descriptor: PassedDescriptor) -> Bool { csys_is_memory(descriptor.number) != 0 }

  deinit { unsafe pages.map { unsafe csys_unmap($0, bytes) } }

  /// Whether accesses are plain copies.
  var isMapped: Bool { unsafe pages != nil }

  /// Copies bytes out; false when the peer has taken them away. The range must lie inside.
  package func read(at place: Int, into target: inout MutableRawSpan) -> Bool {
    precondition(place >= 0 && target.byteCount <= bytes - place, "outside the memory")
    return unsafe target.withUnsafeMutableBytes { to in
      guard let start = to.baseAddress else { return true }
      if let pages = unsafe pages {
        // Safe: the range was checked, and the pages cannot go.
        unsafe start.copyMemory(from: pages + place, byteCount: to.count)
        return true
      }
      guard let descriptor else { return false }
      return unsafe csys_read_at(descriptor.number, start, to.count, offset &+ UInt64(place)) == 0
    }
  }

  /// Copies bytes in; false when the peer has taken the place away. The range must lie inside.
  @discardableResult package func write(_ source: RawSpan, at place: Int) -> Bool {
    precondition(place >= 0 && source.byteCount <= bytes - place, "outside the memory")
    guard isWritable else { return false }
    return unsafe source.withUnsafeBytes { from in
      guard let start = from.baseAddress else { return true }
      if let pages = unsafe pages {
        // Safe: as above.
        unsafe (pages + place).copyMemory(from: start, byteCount: from.count)
        return true
      }
      guard let descriptor else { return false }
      return unsafe csys_write_at(descriptor.number, start, from.count, offset &+ UInt64(place)) == 0
    }
  }
}
