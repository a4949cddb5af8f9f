/// What is told of a session's messages in the trace socket of its monitor.
///
/// - Layout: TRACE_CTL bit 0 enables; a choice of this model.
struct SessionTrace: Sendable {
  var control: UInt16 = 0
  /// The session waits for room in the trace ring.
  var isHeld = false

  var isEnabled: Bool { control & 1 != 0 }
}
