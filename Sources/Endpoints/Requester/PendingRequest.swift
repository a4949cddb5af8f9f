import PCIe
import Simulation

/// A non-posted request on its way, kept under its tag.
struct PendingRequest: Sendable {
  /// The operation it belongs to, -1 while the tag is free.
  var operation: Int32 = -1
  /// Where its next byte goes in the operation's buffer.
  var bufferOffset: Int32 = 0
  /// Bytes that have not come.
  var remaining: Int32 = 0
  /// It went by a translation, and the answer to an invalidate request waits for it.
  var isTranslated = false
  var isOwed = false
  /// The address of the next byte, for its low bits.
  var nextAddress: UInt64 = 0
  var deadline = VirtualTime.never

  var isFree: Bool { operation < 0 }

  /// So many bytes have come.
  @inline(__always)
  mutating func advance(_ count: Int) {
    remaining -= Int32(truncatingIfNeeded: count)
    bufferOffset += Int32(truncatingIfNeeded: count)
    nextAddress &+= UInt64(truncatingIfNeeded: count)
  }
}
