public import PCIe

/// How a request may end, as `expect: {status: …}` names it.
public enum ExpectedStatus: String, CaseIterable, Hashable, Sendable {
  case successful = "SC"
  case unsupportedRequest = "UR"
  case completerAbort = "CA"
  case requestRetry = "RRS"
  case timeout
  case poisoned
  /// However it ends; data is compared where it comes.
  case any

  /// The violation that a request with this status commits by itself, which then needs no `allow`.
  public var violation: Violation? {
    switch self {
    case .successful, .requestRetry, .any: nil
    case .unsupportedRequest: .unsupportedRequest
    case .completerAbort: .completerAbort
    case .timeout: .completionTimeout
    case .poisoned: .poisonedTLP
    }
  }
}
