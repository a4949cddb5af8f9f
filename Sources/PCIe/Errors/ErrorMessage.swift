/// The message that tells the root complex of an error.
///
/// - Layout: the raw value is the message code.
/// - Source: PCI Express Base 5.0, 2.2.8.3 "Error Signaling Messages".
public enum ErrorMessage: UInt8, CaseIterable, Hashable, Sendable {
  /// ERR_COR.
  case correctable = 0x30
  /// ERR_NONFATAL.
  case nonFatal = 0x31
  /// ERR_FATAL.
  case fatal = 0x33
}
