/// The words of a finding, made in the files `Message+….swift` and nowhere else.
///
/// - Layout: what is wrong, the value seen, the bound or set allowed, the next step.
///   Lower case, no full stop.
struct Message: Error, Hashable {
  var code: String
  var text: String
  var notes: [String] = []
  /// What to write instead of the marked text.
  var replacement: String?

  /// A list for the end of a sentence, cut when long.
  static func listing(_ words: some Collection<String>, limit: Int = 24) -> String {
    if words.count <= limit { return words.joined(separator: ", ") }
    return words.prefix(limit).joined(separator: ", ") + ", … (\(words.count) in all)"
  }

  /// A value as written, shortened so that a message stays one line.
  static func quoted(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(60) {
      if scalar.value < 0x20 || scalar.value == 0x7f {
        shown += "\u{fffd}"
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return text.unicodeScalars.count > 60 ? "'\(shown)…'" : "'\(shown)'"
  }

  /// `; did you mean 'x'?` when a known name is near.
  static func hint(_ nearest: String?) -> String { nearest.map { "; did you mean '\($0)'?" } ?? "" }
}
