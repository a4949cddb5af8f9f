/// Builds the tree of a file from events and refuses what the subset does not have.
struct TreeReader {
  static let depthMax = 64
  static let bytesMax = 4 << 20

  private let sink: DiagnosticSink
  private var stack: [Frame] = []
  private var root: Node?

  /// A map or list whose end is still to come.
  private struct Frame {
    var isMap: Bool
    var isFlow: Bool
    var start: SourcePosition
    /// The end of the last child, which is where a block map or list ends.
    var lastEnd: SourcePosition
    var items: [Node] = []
    var entries: [Entry] = []
    var key: PendingKey?
    var places: [String: SourcePosition] = [:]
  }

  /// A key that waits for its value; without a name the entry is dropped.
  private struct PendingKey {
    var name: String?
    var span: SourceSpan
  }

  private init(sink: DiagnosticSink) { self.sink = sink }

  /// Reads a file; nil when nothing usable is left of it.
  ///
  /// - Complexity: O(bytes).
  static func read(_ source: SourceText, bytes: [UInt8], opening: String, sink: DiagnosticSink) -> Node? {
    let origin = SourcePosition(line: 1, column: 1)
    let start = SourceSpan(start: origin, end: origin)
    guard bytes.count <= bytesMax else {
      sink.report(.tooLarge(bytes.count, limit: bytesMax), at: start)
      return nil
    }
    let hasTab = ByteScan.reportTabs(in: source, bytes: bytes, sink: sink)
    // The mark would count as a character of the first line and shift its columns.
    let content = bytes.starts(with: ByteScan.byteOrderMark) ? Array(bytes.dropFirst(3)) : bytes
    let skipped = bytes.count - content.count
    var reader = TreeReader(sink: sink)
    YAMLParser.withEvents(of: content) { parser in
      do throws(YAMLFault) { try reader.readEvents(of: &parser) } catch {
        reader.root = nil
        if let offset = error.byteOffset {
          let place = source.position(ofByte: offset + skipped)
          sink.report(.unreadable(error), at: SourceSpan(start: place, end: place))
        } else if !hasTab {
          // A tab is nearly always what broke the text, and it has its own message.
          sink.report(.syntax(error), at: SourceSpan(start: error.place, end: error.place))
        }
      }
    }
    if reader.root == nil, sink.errorCount == 0 { sink.report(.empty(opening: opening), at: start) }
    return reader.root
  }

  private mutating func readEvents(of parser: inout YAMLParser) throws(YAMLFault) {
    var hasDocument = false
    while true {
      let event = try parser.next()
      if event.isAnchored { sink.report(.anchor, at: event.span) }
      if event.isTagged { sink.report(.tag, at: event.span) }
      switch event.kind {
      case .streamEnd: return
      case .streamStart, .documentEnd: break
      case .documentStart(let hasDirective):
        if hasDirective { sink.report(.directive, at: event.span) }
        if hasDocument {
          sink.report(.documents, at: event.span)
          return
        }
        hasDocument = true
      case .alias:
        sink.report(.alias, at: event.span)
        finish(Node(content: .refused, span: event.span))
      case .scalar(let text, let style): readScalar(text, style, event.span)
      case .listStart(let isFlow): guard open(isMap: false, isFlow, event.span) else { return }
      case .mapStart(let isFlow): guard open(isMap: true, isFlow, event.span) else { return }
      case .listEnd, .mapEnd: close(event.span)
      }
    }
  }

  private var isKeyDue: Bool { stack.last.map { $0.isMap && $0.key == nil } ?? false }

  private mutating func open(isMap: Bool, _ isFlow: Bool, _ span: SourceSpan) -> Bool {
    if isKeyDue { sink.report(.compoundKey, at: span) }
    guard stack.count < Self.depthMax else {
      sink.report(.depth(limit: Self.depthMax), at: span)
      root = nil
      stack = []
      return false
    }
    stack.append(Frame(isMap: isMap, isFlow: isFlow, start: span.start, lastEnd: span.end))
    return true
  }

  private mutating func close(_ span: SourceSpan) {
    guard let frame = stack.popLast() else { return }
    let end = frame.isFlow ? span.end : frame.lastEnd
    finish(
      Node(
        content: frame.isMap ? .map(frame.entries) : .list(frame.items),
        span: SourceSpan(start: frame.start, end: end)))
  }

  private mutating func readScalar(_ text: String, _ style: YAMLEvent.ScalarStyle, _ span: SourceSpan) {
    var span = span
    switch style {
    case .folded: sink.report(.folded, at: span)
    case .plain where span.start.line != span.end.line: sink.report(.multiline(text), at: span)
    case .literal:
      // libyaml puts the end at the next token; the text tells how many lines are the scalar's own.
      let lines = text.utf8.count { $0 == UInt8(ascii: "\n") }
      let last = min(span.start.line + max(lines, 1), span.end.line)
      if last < span.end.line { span.end = SourcePosition(line: last + 1, column: 1) }
    default: break
    }
    if isKeyDue {
      readKey(text, isPlain: style == .plain, span)
      return
    }
    if style == .plain, text.isEmpty {
      // A document of nothing, such as a lone '---', is an empty file.
      if stack.isEmpty { return }
      let key = stack.last?.key
      // A key that was refused has been reported, and its value with it.
      if key == nil || key?.name != nil { sink.report(.emptyValue(of: key?.name), at: key?.span ?? span) }
      finish(Node(content: .refused, span: span))
      return
    }
    finish(Node(content: style == .folded ? .refused : .text(text), span: span))
  }

  private mutating func readKey(_ text: String, isPlain: Bool, _ span: SourceSpan) {
    let frame = stack.count - 1
    var key = PendingKey(name: text, span: span)
    if isPlain, text == "<<" {
      sink.report(.mergeKey, at: span)
      key.name = nil
    } else if isPlain, text.isEmpty {
      sink.report(.emptyKey, at: span)
      key.name = nil
    } else if let first = stack[frame].places[text] {
      sink.report(.duplicateKey(text, first: first), at: span)
      key.name = nil
    } else {
      stack[frame].places[text] = span.start
    }
    stack[frame].key = key
  }

  /// Gives a complete value to the map or list around it.
  private mutating func finish(_ node: Node) {
    let frame = stack.count - 1
    guard frame >= 0 else {
      root = root ?? node
      return
    }
    stack[frame].lastEnd = max(stack[frame].lastEnd, node.span.end)
    guard stack[frame].isMap else {
      stack[frame].items.append(node)
      return
    }
    guard let key = stack[frame].key else {
      stack[frame].key = PendingKey(name: nil, span: node.span)
      return
    }
    stack[frame].key = nil
    if let name = key.name { stack[frame].entries.append(Entry(key: name, keySpan: key.span, value: node)) }
  }
}
