/// One finding about a suite or board file, ready for people and editors.
public struct Diagnostic: Hashable, Sendable {
  /// How grave a finding is; only errors keep a suite from running.
  public enum Severity: String, Hashable, Sendable {
    case error
    case warning
  }

  /// A remark that belongs to a finding, with a place of its own when it has one.
  public struct Note: Hashable, Sendable {
    public var message: String
    public var span: SourceSpan?

    public init(_ message: String, at span: SourceSpan? = nil) {
      self.message = message
      self.span = span
    }
  }

  /// A replacement of text that removes the finding.
  public struct Fix: Hashable, Sendable {
    public var span: SourceSpan
    public var replacement: String

    public init(span: SourceSpan, replacement: String) {
      self.span = span
      self.replacement = replacement
    }
  }

  public var severity: Severity
  /// A stable word for searching and for tools, such as `suite.unknown-key`.
  public var code: String
  /// What is wrong, the value seen and the bound or set allowed: one line, lower case, no full stop.
  public var message: String
  public var path: String
  public var span: SourceSpan
  public var notes: [Note]
  public var fix: Fix?

  public init(
    severity: Severity = .error, code: String, message: String, path: String, span: SourceSpan,
    notes: [Note] = [],
    fix: Fix? = nil
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.path = path
    self.span = span
    self.notes = notes
    self.fix = fix
  }
}
