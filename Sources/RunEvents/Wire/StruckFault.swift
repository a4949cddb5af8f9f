/// One time that a fault of a case has struck, with all that was decided then.
public struct StruckFault: Hashable, Sendable {
  /// The rule among those of the case, from one.
  public var rule: Int
  /// The kind of fault, such as `cpl.timeout`.
  public var id: String
  /// The verb of the rule.
  public var verb: String
  /// The rule in its suite.
  public var span: SourceSpan
  /// The link it struck on; nil for one that strikes a node.
  public var link: String?
  /// The node at the sending end of the link; nil without a link.
  public var source: String?
  /// The TLP as it was before, decoded to one line.
  public var tlp: String?
  /// The double words of the TLP's header as it was before, in hexadecimal.
  public var words: [String]
  /// The type of the DLLP; nil when it was none.
  public var dllp: String?
  /// The number of the match among those of the rule, from one.
  public var match: UInt64
  /// What was drawn or took effect: a delay or the length of a condition in picoseconds, the new value of a
  /// field; zero where there is nothing to tell.
  public var drawn: UInt64

  /// Makes a strike.
  public init(
    rule: Int, id: String, verb: String, span: SourceSpan, link: String? = nil, source: String? = nil,
    tlp: String? = nil, words: [String] = [], dllp: String? = nil, match: UInt64 = 0, drawn: UInt64 = 0
  ) {
    self.rule = rule
    self.id = id
    self.verb = verb
    self.span = span
    self.link = link
    self.source = source
    self.tlp = tlp
    self.words = words
    self.dllp = dllp
    self.match = match
    self.drawn = drawn
  }
}
