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
}
