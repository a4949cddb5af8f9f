import PCIe
public import Simulation

/// What the data link layer puts on the lanes: a TLP with sequence number and LCRC, or a DLLP.
///
/// Checks travel as verdicts; real ones are computed only where the link's configuration asks for it.
/// - Source: PCI Express Base 5.0, 3.6.2.1 "LCRC and Sequence Number Rules (TLP Transmitter)" and 3.5.1.
public struct LinkFrame: Sendable {
  /// What the receiver finds when it checks the LCRC of a TLP or the CRC of a DLLP.
  public enum Check: UInt8, Sendable {
    case good
    case bad
    /// A TLP that its transmitter took back: EDB at its end, and the LCRC inverted.
    case nullified
    /// EDB at its end, but the LCRC is not the inverted one.
    case endBad
  }

  /// The four bytes of the DLLP before its CRC, in host order; nil for a TLP.
  public var dllp: UInt32?
  public var check = Check.good
  /// The 12-bit sequence number of a TLP.
  public var sequence: UInt16 = 0
  /// The TLP; nothing in a DLLP.
  public internal(set) var tlp: FabricTLP
  /// The LCRC where it is really computed, else zero.
  public internal(set) var lcrc: UInt32 = 0
  /// Whether the TLP has been on the lanes before.
  public internal(set) var isReplay = false

  /// Takes its time on the lanes and never arrives.
  public var isLost = false
  /// Arrives twice with the same sequence number.
  public var isDoubled = false
  /// The receiver drops the TLP as if it could not take it, and answers Nak.
  public var isRefused = false
  /// How much later than usual it arrives; what is sent after it waits behind it.
  public var delay = VirtualDuration.zero

  var arrival = VirtualTime.never
  /// The fault that was the first to touch the frame, -1 for none.
  var fault: Int16 = -1

  /// A TLP with its sequence number.
  init(_ tlp: FabricTLP, sequence: UInt16) {
    self.tlp = tlp
    self.sequence = sequence
  }

  /// A DLLP by its four bytes before the CRC.
  init(dllp word: UInt32) {
    dllp = word
    tlp = FabricTLP(header: .init())
  }

  /// The length on the lanes besides what the speed adds to every TLP.
  ///
  /// - Units: bytes.
  static let dllpWireBytes = 8
}
