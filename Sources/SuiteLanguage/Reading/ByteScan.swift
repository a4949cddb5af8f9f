/// What has to be found in the bytes before libyaml sees them.
enum ByteScan {
  static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

  /// Reports the first tab of each line; no event of libyaml shows one.
  ///
  /// - Complexity: O(bytes).
  static func reportTabs(in source: SourceText, bytes: [UInt8], sink: DiagnosticSink) -> Bool {
    var hasTab = false
    var isLineDone = false
    var isBlank = true
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "\n"):
        isLineDone = false
        isBlank = true
      case UInt8(ascii: "\t") where !isLineDone:
        let place = source.position(ofByte: index)
        let end = SourcePosition(line: place.line, column: place.column + 1)
        sink.report(.tab(inIndentation: isBlank), at: SourceSpan(start: place, end: end))
        hasTab = true
        isLineDone = true
      case UInt8(ascii: " "): break
      default: isBlank = false
      }
    }
    return hasTab
  }
}
