import PCIe
import RevereInterface
import Simulation

/// A message of the trace socket: messages of a session have moved.
///
/// - Layout: 0 kind (1, 16 bits); 4 ASN_ID; 8 the number of the first message, from the session's start;
///   16 how many; 24 the time in picoseconds. A choice of this model.
struct TraceRecord {
  var session: Int
  var first: UInt64
  var messages: Int
  var time: VirtualTime

  var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: RevereInterface.messageBytes)
    bytes.storeLE(UInt16(1), at: 0)
    bytes.storeLE(UInt32(truncatingIfNeeded: session), at: 4)
    bytes.storeLE(first, at: 8)
    bytes.storeLE(UInt64(messages), at: 16)
    bytes.storeLE(time.picoseconds, at: 24)
    return bytes
  }
}
