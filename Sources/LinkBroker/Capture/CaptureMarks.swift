/// The second octet of the pseudo-header: what became of a TLP or DLLP.
struct CaptureMarks: OptionSet, Sendable {
  let rawValue: UInt8

  /// The LCRC, or the CRC of a DLLP, is wrong.
  static let wrongLinkCRC = CaptureMarks(rawValue: 1 << 0)
  /// The sender gave it up on the way: the LCRC is inverted.
  static let nullified = CaptureMarks(rawValue: 1 << 1)
  /// Sent again out of the replay buffer.
  static let replayed = CaptureMarks(rawValue: 1 << 2)
  /// The digest is wrong.
  static let wrongDigest = CaptureMarks(rawValue: 1 << 3)
  /// Did not reach the receiver.
  static let lost = CaptureMarks(rawValue: 1 << 4)
  /// A fault has touched it; the comment tells which.
  static let fault = CaptureMarks(rawValue: 1 << 5)
  /// A checker or a node found something wrong with it; the comment tells what.
  static let violation = CaptureMarks(rawValue: 1 << 6)
  /// The comment tells what happened before it: a fault that strikes no TLP, or a note of the suite.
  static let note = CaptureMarks(rawValue: 1 << 7)
}

/// The first octet of the pseudo-header: which way, and what follows.
///
/// - Layout: bit 7 set for a TLP or DLLP on its way to the root complex, bits 6:4 the layer, bits 3:0 the
///   lower bits of the link's number, as Wireshark does not tell a dissector the interface in each pass.
enum CaptureLayer: UInt8, Sendable {
  /// A TLP as the transaction layer sees it: prefixes, header, payload, digest.
  case transaction = 0
  /// A TLP as the data link layer sees it: sequence number, the TLP, LCRC.
  case dataLink = 1
  /// A DLLP: four bytes and their CRC-16.
  case dllp = 2
}
