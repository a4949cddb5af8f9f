/// Reads the tests of a program from its console, line by line.
public struct TestReader: Sendable {
  public let format: TestFormat
  /// What has been read.
  public private(set) var run = TestRun()
  private var grammar: any TestGrammar

  /// A reader that has read nothing.
  public init(_ format: TestFormat) {
    self.format = format
    grammar = format.grammar
  }

  /// Reads the next line; what comes after the end of the run is not read.
  ///
  /// - Complexity: linear in the line.
  public mutating func read(_ line: String) {
    if run.isOver { return }
    grammar.read(TestLine(line), into: &run)
  }

  /// Why the run is no good one if nothing follows; nil when it is.
  public var complaint: String? { run.complaint(format) }
}
