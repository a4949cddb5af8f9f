/// What libyaml tells about a file, one piece at a time, with marks counted from 1.
struct YAMLEvent {
  /// The styles of a scalar that the subset tells apart.
  enum ScalarStyle {
    case plain
    case quoted
    case literal
    case folded
  }

  /// What the piece is.
  enum Kind {
    case streamStart
    case streamEnd
    case documentStart(hasDirective: Bool)
    case documentEnd
    case alias
    case scalar(String, ScalarStyle)
    case listStart(isFlow: Bool)
    case listEnd
    case mapStart(isFlow: Bool)
    case mapEnd
  }

  var kind: Kind
  var isAnchored = false
  var isTagged = false
  var span: SourceSpan
}

/// Why libyaml could not go on; no event follows.
struct YAMLFault: Error {
  var problem: String
  var place: SourcePosition
  /// Set for what the byte reader refuses, which has no mark.
  var byteOffset: Int?
  var context: String?
  var contextPlace: SourcePosition
}
