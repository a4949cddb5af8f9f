/// A place in a suite file.
public struct SourceSpan: Hashable, Sendable {
  /// The line, from one.
  public var line: Int
  /// The column, from one.
  ///
  /// - Units: characters (code points).
  public var column: Int
  /// The number of characters on that line, at least one.
  public var length: Int
  /// The file, when it is not the suite of the case.
  public var file: String?

  /// Makes a span.
  public init(line: Int, column: Int, length: Int = 1, file: String? = nil) {
    self.line = line
    self.column = column
    self.length = length
    self.file = file
  }
}

/// A step, or the node that there was trouble with before the first one, together with its place, as an
/// outcome names it.
public struct StepPlace: Hashable, Sendable {
  /// Which step it is; nil for a node.
  public var index: StepIndex?
  /// The place.
  public var span: SourceSpan
  /// The source line at that place.
  public var excerpt: String

  /// Makes a place.
  public init(index: StepIndex? = nil, span: SourceSpan, excerpt: String) {
    self.index = index
    self.span = span
    self.excerpt = excerpt
  }
}
