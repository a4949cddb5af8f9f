public import RunEvents

/// The report that Twister, Jenkins, GitLab and GitHub read, in the one dialect that all of them understand.
///
/// A pure fold that can be rendered at any moment into a complete document. While cases lack a verdict
/// the document says so by an error of its own: no result is never a pass.
///
/// - Complexity: each case is rendered once; a document costs a copy of the parts.
public struct JUnitReport: Sendable {
  let options: JUnitOptions
  private var state = RunState()
  private var suites: [JUnitSuite] = []
  /// The failed tries of cases that are not over.
  private var tries: [Int: [JUnitCase]] = [:]

  /// Makes a report of a run that has not begun.
  public init(options: JUnitOptions) { self.options = options }

  /// Takes the next event.
  public mutating func add(_ event: Event) {
    let ending = state.add(event)
    if case .runStarted(let run) = event.kind {
      suites = run.suites.map { JUnitSuite($0, of: run, options: options) }
    }
    guard let ending, let origin = event.origin else { return }
    let element = JUnitCase(
      ending: ending, suite: state.suite(of: ending.log.started), clock: state.clock, options: options)
    guard ending.isFinal else {
      tries[origin.instance, default: []].append(element)
      return
    }
    let retried = tries.removeValue(forKey: origin.instance) ?? []
    let index = ending.log.started.suite
    guard suites.indices.contains(index) else { return }
    suites[index].add(element.bytes(retried: retried), ending.outcome, instance: origin.instance)
    guard options.tellsTests else { return }
    for test in JUnitTests(ending.log, of: state.suite(of: ending.log.started).name).elements {
      suites[index].add(test.bytes, test.outcome, instance: origin.instance)
    }
  }

  /// The document of what is known so far.
  public func document() -> [UInt8] {
    var bytes = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".utf8)
    for suite in suites { suite.render(into: &bytes) }
    bytes.append(contentsOf: "</testsuites>\n".utf8)
    return bytes
  }
}
