import PCIe

/// The sending half of Ack/Nak: numbers TLPs, keeps them until they are acknowledged and sends them again.
///
/// - Source: PCI Express Base 5.0, 3.6.2.1 "LCRC and Sequence Number Rules (TLP Transmitter)".
struct ReplayTransmitter: Sendable {
  /// NEXT_TRANSMIT_SEQ.
  private(set) var nextSequence: UInt16 = 0
  /// ACKD_SEQ.
  private(set) var acknowledged: UInt16 = SequenceNumber.mask
  /// REPLAY_NUM, 2 bits.
  private(set) var replayNumber: UInt8 = 0
  private(set) var buffer = ReplayBuffer()
  /// The next TLP to send again; nil when no replay is under way.
  private(set) var replayIndex: Int?
  /// How often in a row the port has had the link retrained without an Ack for a TLP.
  private(set) var retrains = 0
  /// The most TLPs that the buffer holds; below the window that the sequence numbers allow.
  let capacity: Int

  init(capacity: Int) { self.capacity = min(capacity, Int(SequenceNumber.window) - 1) }

  /// Whether a TLP may be taken from the transaction layer now.
  @inline(__always)
  var acceptsNew: Bool { replayIndex == nil && buffer.count < capacity }

  /// Keeps a TLP that is sent for the first time.
  ///
  /// - Returns: its sequence number.
  @inline(__always)
  mutating func number(_ tlp: FabricTLP) -> UInt16 {
    let sequence = nextSequence
    nextSequence = SequenceNumber.next(sequence)
    buffer.append(tlp)
    return sequence
  }

  /// What an Ack or Nak says about the TLPs sent.
  enum Acknowledgement: Equatable {
    /// So many TLPs more have arrived.
    case frees(Int)
    /// The number belongs to no TLP that waits, nor to the last one acknowledged.
    ///
    /// - Source: PCI Express Base 5.0, 3.6.2.2 "Handling of Received DLLPs".
    case protocolError
  }

  /// Reads the sequence number of an Ack or Nak; the TLPs freed are taken out by `removeFirst`.
  @inline(__always)
  mutating func acknowledge(_ sequence: UInt16) -> Acknowledgement {
    let freed = Int(SequenceNumber.distance(from: acknowledged, to: sequence & SequenceNumber.mask))
    guard freed <= buffer.count else { return .protocolError }
    if freed > 0 {
      acknowledged = sequence & SequenceNumber.mask
      replayNumber = 0
      retrains = 0
    }
    return .frees(freed)
  }

  /// Takes the oldest TLP out of the buffer once it is acknowledged.
  ///
  /// - Returns: its payload, which the buffer shares no more.
  @inline(__always)
  mutating func removeFirst() -> PayloadReference {
    if let index = replayIndex { replayIndex = buffer.count <= 1 ? nil : max(0, index - 1) }
    let payload = buffer.removeFirst()
    if let index = replayIndex, index >= buffer.count { replayIndex = nil }
    return payload
  }

  /// Begins to send everything again that is not acknowledged.
  ///
  /// - Returns: whether REPLAY_NUM rolled over, upon which the link is trained anew.
  mutating func beginReplay() -> Bool {
    replayIndex = 0
    replayNumber = (replayNumber + 1) & 3
    return replayNumber == 0
  }

  mutating func countRetrain() { retrains += 1 }
  mutating func forgetRetrains() { retrains = 0 }

  /// Takes the next TLP of a replay.
  mutating func takeReplay() -> (tlp: FabricTLP, sequence: UInt16)? {
    guard let index = replayIndex else { return nil }
    replayIndex = index + 1 < buffer.count ? index + 1 : nil
    let sequence = (acknowledged &+ 1 &+ UInt16(truncatingIfNeeded: index)) & SequenceNumber.mask
    return (buffer[index], sequence)
  }
}
