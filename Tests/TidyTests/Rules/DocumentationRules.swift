extension Rule {
  /// Every public declaration says what it is, in a first sentence under 150 characters.
  ///
  /// A stored property may leave the sentence out: "The bus." above `bus` helps nobody.
  ///
  /// So may what fulfils a protocol's requirement: the protocol says what it is.
  static func documentation(requirements: Set<String> = []) -> Rule {
    Rule(name: "public declarations are documented") { undocumented(in: $0, requirements) }
  }

  /// The names that the protocols of these files require.
  static func requirements(in files: [SourceText]) -> Set<String> {
    let declarations = files.filter(\.isInSources).flatMap(\.declarations)
    let protocols = Set(declarations.filter { $0.keyword == "protocol" }.map(\.name))
    return Set(declarations.filter { protocols.contains($0.owners.last ?? "") && !$0.isPublic }.map(\.name))
      .subtracting(["init", "subscript"])
  }

  private static func undocumented(in file: SourceText, _ requirements: Set<String>) -> [Finding] {
    guard file.isInSources, file.language == .swift else { return [] }
    return file.declarations.compactMap { declaration in
      guard declaration.isPublic, !isKnownRequirement(declaration), !isMemberwise(declaration, in: file)
      else { return nil }
      let isStored = declaration.kind == .property && !declaration.isComputed
      let name = "\(declaration.keyword) \(declaration.name)"
      guard let comment = docComment(above: declaration.firstLine, in: file) else {
        if isStored || requirements.contains(declaration.name) { return nil }
        return file.finding(declaration.line, "public \(name) has no doc comment")
      }
      let sentence = firstSentence(comment)
      if sentence.isEmpty && (isStored || declaration.name == "init") { return nil }
      if sentence.isEmpty {
        return file.finding(declaration.line, "the doc comment of \(name) has no sentence")
      }
      guard sentence.count >= 150 else { return nil }
      return file.finding(
        declaration.line,
        "the first sentence about \(name) has \(sentence.count) characters; the limit is 149")
    }
  }

  /// Requirements of the standard library, whose meaning is the protocol's.
  private static func isKnownRequirement(_ declaration: Declaration) -> Bool {
    let names: Set<String> = [
      "description", "debugDescription", "hash", "encode", "=", "<", "id", "rawValue", "next",
    ]
    return names.contains(declaration.name) || declaration.keyword == "typealias" && declaration.name == "ID"
  }

  /// An initializer that only stores its parameters has nothing to say that the properties don't.
  private static func isMemberwise(_ declaration: Declaration, in file: SourceText) -> Bool {
    guard declaration.name == "init" else { return false }
    if declaration.lastLine == declaration.line {
      return file.lines[declaration.line - 1].firstMatch(of: /\{( (self\.)?\w+ = \w+ )?\}$/) != nil
    }
    let lines = file.lines[(declaration.line - 1)..<(declaration.lastLine - 1)]
    guard let head = lines.firstIndex(where: { $0.hasSuffix("{") }) else { return false }
    return lines.suffix(from: head + 1).allSatisfy { line in
      let words = line.trimmed.split(separator: " ").map(String.init)
      return words.count == 3 && words[1] == "=" && words[0] == "self.\(words[2])"
    }
  }

  static func docComment(above line: Int, in file: SourceText) -> [String]? {
    var index = line - 2
    var found: [String] = []
    while file.lines.indices.contains(index) {
      let text = file.lines[index].trimmed
      if text.hasPrefix("///") {
        found.insert(String(text.dropFirst(3)).trimmed, at: 0)
      } else if !text.hasPrefix("//") || !found.isEmpty {
        break
      }
      index -= 1
    }
    return found.isEmpty ? nil : found
  }

  /// The first sentence of the first paragraph.
  static func firstSentence(_ comment: [String]) -> String {
    let paragraph = comment.prefix { !$0.isEmpty && !$0.hasPrefix("- ") }.joined(separator: " ")
    var sentence = ""
    var wasStop = false
    for character in paragraph {
      if wasStop && character == " " { break }
      sentence.append(character)
      wasStop = character == "."
    }
    return sentence
  }
}

extension StringProtocol {
  var trimmed: String {
    var text = self[...]
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
