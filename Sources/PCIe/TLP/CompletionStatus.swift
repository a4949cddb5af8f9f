/// The outcome that a completion carries.
///
/// - Layout: three bits; the four values not listed are reserved and treated as unsupported request.
/// - Source: PCI Express Base 5.0, 2.2.9 table 2-34 "Completion Status Field Values".
@frozen
public enum CompletionStatus: UInt8, CaseIterable, Hashable, Sendable {
  case successful = 0b000
  case unsupportedRequest = 0b001
  case requestRetry = 0b010
  case completerAbort = 0b100

  /// The specification's abbreviation; RRS was called CRS before revision 4.0.
  public var mnemonic: String {
    switch self {
    case .successful: "SC"
    case .unsupportedRequest: "UR"
    case .requestRetry: "RRS"
    case .completerAbort: "CA"
    }
  }
}
