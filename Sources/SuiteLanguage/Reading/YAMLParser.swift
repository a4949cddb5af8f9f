import CYaml

/// The owner of a libyaml parser: the only code that sees the library, and the only `unsafe` of this module.
///
/// - Complexity: O(bytes) for all events together.
@safe
struct YAMLParser: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  /// Starts reading bytes that the caller keeps in place for the life of the parser.
  ///
  /// Safe: `withEvents` is the only caller and keeps the buffer alive around it.
  private init(reading bytes: UnsafeBufferPointer<UInt8>) {
    unsafe parser = .allocate(capacity: 1)
    unsafe parser.initialize(to: yaml_parser_t())
    let isReady = unsafe yaml_parser_initialize(parser)
    precondition(isReady == 1, "libyaml has no memory for a parser")
    unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    // Otherwise libyaml takes a byte order mark for UTF-16 and reads on in that.
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deinitialize(count: 1)
    unsafe parser.deallocate()
  }

  /// Hands a parser over the bytes to the closure.
  static func withEvents<Result>(of bytes: [UInt8], _ body: (inout YAMLParser) -> Result) -> Result {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      // The address of an empty buffer may be nil, which libyaml does not take.
      if buffer.isEmpty {
        let none: [UInt8] = [UInt8(ascii: "\n")]
        return unsafe none.withUnsafeBufferPointer { lineFeed in
          var parser = unsafe YAMLParser(reading: lineFeed)
          return body(&parser)
        }
      }
      var parser = unsafe YAMLParser(reading: buffer)
      return body(&parser)
    }
  }

  /// The next event.
  ///
  /// - Throws: a fault when the text breaks off; the parser is then at its end.
  mutating func next() throws(YAMLFault) -> YAMLEvent {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw fault }
    defer { unsafe yaml_event_delete(&event) }
    let span = unsafe SourceSpan(start: Self.place(event.start_mark), end: Self.place(event.end_mark))
    switch unsafe event.type {
    case YAML_STREAM_START_EVENT: return YAMLEvent(kind: .streamStart, span: span)
    case YAML_DOCUMENT_START_EVENT:
      let start = unsafe event.data.document_start
      let hasTags = unsafe start.tag_directives.start != start.tag_directives.end
      let hasDirective = unsafe start.version_directive != nil || hasTags
      return YAMLEvent(kind: .documentStart(hasDirective: hasDirective), span: span)
    case YAML_DOCUMENT_END_EVENT: return YAMLEvent(kind: .documentEnd, span: span)
    case YAML_ALIAS_EVENT: return YAMLEvent(kind: .alias, span: span)
    case YAML_SCALAR_EVENT: return unsafe Self.scalar(event.data.scalar, span)
    case YAML_SEQUENCE_START_EVENT:
      let start = unsafe event.data.sequence_start
      let isFlow = unsafe start.style == YAML_FLOW_SEQUENCE_STYLE
      return unsafe YAMLEvent(
        kind: .listStart(isFlow: isFlow), isAnchored: start.anchor != nil, isTagged: start.tag != nil,
        span: span)
    case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .listEnd, span: span)
    case YAML_MAPPING_START_EVENT:
      let start = unsafe event.data.mapping_start
      let isFlow = unsafe start.style == YAML_FLOW_MAPPING_STYLE
      return unsafe YAMLEvent(
        kind: .mapStart(isFlow: isFlow), isAnchored: start.anchor != nil, isTagged: start.tag != nil,
        span: span)
    case YAML_MAPPING_END_EVENT: return YAMLEvent(kind: .mapEnd, span: span)
    default: return YAMLEvent(kind: .streamEnd, span: span)
    }
  }

  private static func scalar(
    _ scalar: yaml_event_t.__Unnamed_union_data.__Unnamed_struct_scalar, _ span: SourceSpan
  )
    -> YAMLEvent
  {
    let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
    let style: YAMLEvent.ScalarStyle =
      switch unsafe scalar.style {
      case YAML_PLAIN_SCALAR_STYLE: .plain
      case YAML_LITERAL_SCALAR_STYLE: .literal
      case YAML_FOLDED_SCALAR_STYLE: .folded
      default: .quoted
      }
    let text = unsafe String(decoding: bytes, as: UTF8.self)
    return unsafe YAMLEvent(
      kind: .scalar(text, style), isAnchored: scalar.anchor != nil, isTagged: scalar.tag != nil, span: span)
  }

  private var fault: YAMLFault {
    let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) }
    let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) }
    let isReaderError = unsafe parser.pointee.error == YAML_READER_ERROR
    return unsafe YAMLFault(
      problem: problem ?? "libyaml has no memory", place: Self.place(parser.pointee.problem_mark),
      byteOffset: isReaderError ? Int(clamping: parser.pointee.problem_offset) : nil, context: context,
      contextPlace: Self.place(parser.pointee.context_mark))
  }

  private static func place(_ mark: yaml_mark_t) -> SourcePosition {
    SourcePosition(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
  }
}
