import PCIe

/// How a request ended for the requester.
public enum RequestStatus: Hashable, Sendable {
  case successful
  case unsupportedRequest
  case completerAbort
  case requestRetry
  /// No completion came in time.
  case timeout
  /// The data came marked as bad.
  case poisoned
  /// The request never left, for the function may not master the bus.
  case notSent

  init(_ status: CompletionStatus) {
    self =
      switch status {
      case .successful: .successful
      case .unsupportedRequest: .unsupportedRequest
      case .completerAbort: .completerAbort
      case .requestRetry: .requestRetry
      }
  }
}
