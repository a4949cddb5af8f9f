import Endpoints
import SuiteLanguage

extension RequestStatus {
  /// The word that suites use for a status; a request that was not sent shows itself as one without an
  /// answer.
  var word: ExpectedStatus {
    switch self {
    case .successful: .successful
    case .unsupportedRequest: .unsupportedRequest
    case .completerAbort: .completerAbort
    case .requestRetry: .requestRetry
    case .timeout, .notSent: .timeout
    case .poisoned: .poisoned
    }
  }

  /// What a report says about it.
  var text: String {
    self == .notSent ? "not sent, for bus master enable is off" : word.rawValue
  }
}
