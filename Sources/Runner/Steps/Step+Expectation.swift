import PCIe
import SuiteLanguage

extension Step {
  /// The violation that the step's own request commits, by the status it expects.
  var expectedViolation: Violation? {
    switch action {
    case .configurationRead(let read): read.expectation.status.violation
    case .configurationWrite(let write): write.status.violation
    case .memoryRead(let read): read.expectation.status.violation
    case .dmaRead(let read): read.expectation.status.violation
    default: nil
    }
  }

  /// Whether the root complex sends the step's request again when it meets RRS: a suite that wants to see the
  /// status says so.
  var mayAskAgain: Bool {
    switch action {
    case .configurationRead(let read): read.expectation.status != .requestRetry
    case .configurationWrite(let write): write.status != .requestRetry
    default: false
    }
  }
}
