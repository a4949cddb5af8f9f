/// What is wrong with a text that should be JSON, and where.
public struct JSONError: Error, Hashable, Sendable {
  /// What is wrong.
  public var problem: Problem
  /// The line, from one.
  public var line: Int
  /// The column, from one.
  ///
  /// - Units: bytes.
  public var column: Int

  /// Makes an error.
  public init(problem: Problem, line: Int, column: Int) {
    self.problem = problem
    self.line = line
    self.column = column
  }

  /// The problems.
  public enum Problem: Hashable, Sendable {
    /// The text ends within a value.
    case unexpectedEnd
    /// A byte that cannot stand here.
    case unexpectedByte(UInt8)
    /// More after the value.
    case trailingByte(UInt8)
    /// Objects and lists nested more deeply than allowed.
    case tooDeep(limit: Int)
    /// A control character within a text.
    case controlCharacter(UInt8)
    /// A backslash followed by something else than JSON knows.
    case badEscape
    /// Half of a surrogate pair.
    case loneSurrogate
    /// A text that is not UTF-8.
    case notUTF8
    /// A number written in a way JSON does not allow.
    case badNumber
    /// A number too large for any type.
    case numberOutOfRange
  }
}
