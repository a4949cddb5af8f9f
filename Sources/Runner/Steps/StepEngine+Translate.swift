import Endpoints
import PCIe
import SuiteLanguage

// What the driver of a root complex's translation agent does.
extension StepEngine {
  /// Changes the table first: a function that has forgotten a translation may ask for it again at once.
  mutating func start(_ change: Step.TranslationChange) throws(StepFailure) -> PendingWork? {
    let first = change.address >> 12
    for page in 0..<change.length >> 12 {
      topology.rootComplex.core.translations.map(
        first + page,
        to: TranslationEntry(
          page: change.target >> 12 + page, isReadable: change.access.isReadable,
          isWritable: change.access.isWritable))
    }
    guard let function = change.invalidated else { return nil }
    let target = try address(function)
    let range = InvalidatedRange(firstPage: first, count: change.length >> 12)
    guard let tag = topology.rootComplex.invalidate(range, of: target, in: &topology.fabric) else {
      throw .expectation("no port leads to \(function.text), or 32 invalidate requests are under way")
    }
    return .invalidating(tag, function)
  }
}
