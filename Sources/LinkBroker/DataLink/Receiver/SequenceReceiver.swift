/// The receiving half of Ack/Nak: lets each TLP through once and in order.
///
/// - Source: PCI Express Base 5.0, 3.6.3.1 "LCRC and Sequence Number Rules (TLP Receiver)".
struct SequenceReceiver: Sendable {
  /// NEXT_RCV_SEQ.
  private(set) var nextSequence: UInt16 = 0
  /// NAK_SCHEDULED: a Nak is out, and none follows until a TLP is accepted.
  private(set) var isNakScheduled = false

  enum Verdict: Equatable {
    case accept
    /// Received before: dropped, and acknowledged again.
    case duplicate
    /// Dropped with a Bad TLP error; a Nak goes out unless one has.
    case bad(sendsNak: Bool)
    /// Taken back by its transmitter: dropped without a word.
    case nullified
    /// Comes behind what a Nak is out for: dropped without a word.
    case ignored
    /// Dropped and answered with Nak, because a fault says so.
    case refused(sendsNak: Bool)
  }

  /// The number that Acks and Naks carry: that of the last TLP accepted.
  @inline(__always)
  var lastAccepted: UInt16 { SequenceNumber.previous(nextSequence) }

  /// Judges a TLP and counts it if it is accepted.
  @inline(__always)
  mutating func judge(_ sequence: UInt16, _ check: LinkFrame.Check, isRefused: Bool) -> Verdict {
    switch check {
    case .nullified: return .nullified
    case .bad, .endBad: return .bad(sendsNak: scheduleNak())
    case .good: break
    }
    if sequence == nextSequence {
      if isRefused {
        isNakScheduled = true
        return .refused(sendsNak: true)
      }
      nextSequence = SequenceNumber.next(nextSequence)
      isNakScheduled = false
      return .accept
    }
    if isRefused { return .refused(sendsNak: scheduleNak()) }
    if SequenceNumber.distance(from: sequence, to: nextSequence) <= SequenceNumber.window {
      return .duplicate
    }
    return isNakScheduled ? .ignored : .bad(sendsNak: scheduleNak())
  }

  private mutating func scheduleNak() -> Bool {
    defer { isNakScheduled = true }
    return !isNakScheduled
  }

  /// Whether a TLP that was sent with a number has been accepted.
  func hasAccepted(_ sequence: UInt16) -> Bool {
    let distance = SequenceNumber.distance(from: sequence, to: nextSequence)
    return distance > 0 && distance <= SequenceNumber.window
  }
}
