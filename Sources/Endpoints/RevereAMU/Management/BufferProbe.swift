/// A command that waits to know whether a buffer that it is to write can be reached.
///
/// A posted write tells nothing of its fate, so the first doubleword is read before, then the last.
struct BufferProbe: Sendable {
  /// The command.
  var request: [UInt8]
  var address: UInt64
  /// The bytes that it is to write there.
  var data: [UInt8]
  /// The session whose counters they are; -1 for the map.
  var session = -1
  /// The first doubleword has been found.
  var isLast = false

  /// The doubleword to read now; nil when there is none that far up.
  var place: UInt64? {
    guard isLast else { return address }
    let (last, overflow) = address.addingReportingOverflow(UInt64(max(8, data.count) - 8))
    return overflow || last > .max - 7 ? nil : last
  }
}
