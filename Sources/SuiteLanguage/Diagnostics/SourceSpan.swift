/// A place in a suite or board file.
///
/// - Units: lines and columns from 1; columns count characters (code points), as libyaml does.
public struct SourcePosition: Hashable, Comparable, Sendable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

extension SourcePosition: CustomStringConvertible {
  /// `line:column`, as messages print it.
  public var description: String { "\(line):\(column)" }
}

/// A stretch of a suite or board file.
///
/// - Layout: `end` is the place behind the last character.
public struct SourceSpan: Hashable, Comparable, Sendable {
  public var start: SourcePosition
  public var end: SourcePosition

  public init(start: SourcePosition, end: SourcePosition) {
    self.start = start
    self.end = end
  }

  /// The place of what stands in no file, before the first character of any.
  public static let nowhere = SourceSpan(
    start: SourcePosition(line: 0, column: 0), end: SourcePosition(line: 0, column: 0))

  public static func < (left: SourceSpan, right: SourceSpan) -> Bool {
    (left.start, left.end) < (right.start, right.end)
  }
}
