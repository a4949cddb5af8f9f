import Endpoints
import PCIe
import SuiteLanguage

/// What a step waits for.
enum PendingWork {
  /// A request of the root complex.
  case hostRequest(RequestOperation, ReadExpectation)
  /// A DMA read of an endpoint.
  case dmaRead(RequestOperation, node: String, ReadExpectation)
  case condition(WaitCondition)
  /// The branches of a `parallel`.
  case branches
}
