/// The message that tells the root complex of an error.
///
/// - Source: PCI Express Base 5.0, 2.2.8.3 "Error Signaling Messages".
public enum ErrorMessage: CaseIterable, Hashable, Sendable {
  /// ERR_COR.
  case correctable
  /// ERR_NONFATAL.
  case nonFatal
  /// ERR_FATAL.
  case fatal

  /// The message itself.
  public var code: MessageCode {
    switch self {
    case .correctable: .correctableError
    case .nonFatal: .nonFatalError
    case .fatal: .fatalError
    }
  }
}
