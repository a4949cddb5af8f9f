extension Declaration {
  static func all(in tokens: [Token]) -> [Declaration] {
    var scanner = DeclarationScanner(tokens: tokens)
    scanner.run()
    return scanner.found
  }
}

/// Finds declarations by their keywords and pairs braces; it need not understand expressions.
private struct DeclarationScanner {
  let tokens: [Token]
  var found: [Declaration] = []
  /// The declaration whose body a brace opens, by the index of the brace.
  var bodies: [Int: Int] = [:]
  var scopes: [Scope] = []

  struct Scope {
    var declaration: Int?
    var kind: Kind
    enum Kind { case type, proto, code }
  }

  static let types: Set<String> = ["struct", "class", "enum", "actor", "protocol", "extension"]
  static let modifierWords: Set<String> = [
    "public", "open", "package", "internal", "fileprivate", "private", "static", "class", "final", "lazy",
    "weak",
    "unowned", "mutating", "nonmutating", "consuming", "borrowing", "indirect", "override", "required",
    "convenience", "nonisolated", "isolated", "dynamic", "optional", "prefix", "postfix", "infix", "unsafe",
    "__consuming", "distributed",
  ]

  init(tokens: [Token]) { self.tokens = tokens }

  mutating func run() {
    for index in tokens.indices {
      let token = tokens[index]
      switch token.text {
      case "{": open(index)
      case "}": close(index)
      default: if token.isWord && previous(index) != "." { declare(index) }
      }
    }
  }

  private func text(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].text : "" }
  private func previous(_ index: Int) -> String { text(index - 1) }
  private func isWord(_ index: Int) -> Bool { tokens.indices.contains(index) && tokens[index].isWord }

  private mutating func open(_ index: Int) {
    guard let declaration = bodies[index] else { return scopes.append(Scope(declaration: nil, kind: .code)) }
    var kind = Scope.Kind.code
    if found[declaration].kind == .type || found[declaration].kind == .extension {
      kind = found[declaration].keyword == "protocol" ? .proto : .type
    }
    scopes.append(Scope(declaration: declaration, kind: kind))
  }

  private mutating func close(_ index: Int) {
    guard let scope = scopes.popLast(), let declaration = scope.declaration else { return }
    found[declaration].lastLine = tokens[index].line
  }

  private mutating func declare(_ index: Int) {
    let word = text(index)
    let inType = scopes.last.map { $0.kind != .code } ?? false
    switch word {
    case "class" where ["func", "var", "let", "subscript", "init"].contains(text(index + 1)): return
    case _ where Self.types.contains(word):
      guard isWord(index + 1), !(word == "actor" && tokens[index + 1].line != tokens[index].line) else {
        return
      }
      add(
        index, word == "extension" ? .extension : .type, name: dottedName(index + 1), body: body(after: index)
      )
    case "func":
      add(index, .function, name: text(index + 1), body: isRequirement ? nil : body(after: index))
    case "init" where inType && ["(", "?", "!", "<"].contains(text(index + 1)),
      "subscript" where inType && ["(", "<"].contains(text(index + 1)), "deinit" where inType:
      add(index, .function, name: word, body: isRequirement ? nil : body(after: index))
    case "var" where inType || scopes.isEmpty, "let" where inType || scopes.isEmpty: property(index)
    case "typealias" where inType || scopes.isEmpty, "associatedtype" where inType:
      add(index, .other, name: text(index + 1), body: nil)
    default: return
    }
  }

  private var isRequirement: Bool { scopes.last?.kind == .proto }

  private func dottedName(_ index: Int) -> String {
    var name = text(index)
    var next = index + 1
    while text(next) == "." && isWord(next + 1) {
      name += "." + text(next + 1)
      next += 2
    }
    return name
  }

  /// The first brace at the declaration's own level; closures in default arguments lie inside parentheses.
  private func body(after index: Int) -> Int? {
    var depth = 0
    for next in (index + 1)..<tokens.count {
      switch tokens[next].text {
      case "(", "[": depth += 1
      case ")", "]": depth -= 1
      case "{" where depth == 0: return next
      case "}" where depth == 0: return nil
      default: continue
      }
    }
    return nil
  }

  private mutating func property(_ index: Int) {
    let (names, brace, isComputed) = shape(index)
    let count = found.count
    add(index, .property, name: text(index + 1), body: isRequirement ? nil : brace)
    found[count].isComputed = isComputed
    guard let owner = scopes.last?.declaration, found[owner].kind == .type, !isRequirement, !isComputed else {
      return
    }
    if !found[count].modifiers.contains("static") && !found[count].modifiers.contains("class") {
      found[owner].storedProperties += names
    }
  }

  /// How many names a property declaration introduces, where its accessors are, and whether they compute it.
  private func shape(_ index: Int) -> (names: Int, brace: Int?, isComputed: Bool) {
    var names = 1
    var depth = 0
    var angles = 0
    var hasValue = false
    var next = index + 1
    while next < tokens.count {
      let token = tokens[next]
      let startsLine = token.line > tokens[next - 1].line
      switch token.text {
      case "(", "[": depth += 1
      case ")", "]": depth -= 1
      case "<" where depth == 0 && !hasValue: angles += 1
      case ">" where depth == 0 && !hasValue && angles > 0: angles -= 1
      case "," where depth == 0 && angles == 0 && !hasValue: names += 1
      case "=" where depth == 0 && angles == 0: hasValue = true
      case "{" where depth == 0:
        let observes = ["didSet", "willSet"].contains(text(next + 1))
        return (names, hasValue ? nil : next, !hasValue && !observes)
      case "}" where depth == 0: return (names, nil, false)
      default:
        if depth == 0 && startsLine && !continues(next) { return (names, nil, false) }
      }
      next += 1
    }
    return (names, nil, false)
  }

  private func continues(_ index: Int) -> Bool {
    [",", "=", ":", "<", ">", "?", "&", "."].contains(text(index))
      || [",", "=", ":", "&"].contains(previous(index))
  }

  private mutating func add(_ index: Int, _ kind: Kind, name: String, body: Int?) {
    var modifiers: Set<String> = []
    var first = index
    while let start = modifier(endingAt: first - 1) {
      modifiers.insert(text(start))
      first = start
    }
    if let body { bodies[body] = found.count }
    found.append(
      Declaration(
        kind: kind, keyword: text(index), name: name, line: tokens[index].line, firstLine: tokens[first].line,
        modifiers: modifiers,
        owners: scopes.compactMap { $0.declaration }.map { found[$0] }
          .filter { $0.kind == .type || $0.kind == .extension }.map(\.name),
        isLocal: scopes.contains { $0.kind == .code }, lastLine: tokens[index].line))
  }

  typealias Kind = Declaration.Kind

  /// The index where the modifier or attribute that ends at this index starts, if it is one.
  private func modifier(endingAt index: Int) -> Int? {
    guard index >= 0 else { return nil }
    if Self.modifierWords.contains(text(index)) || text(index).hasPrefix("@") {
      return previous(index) == "." ? nil : index
    }
    guard text(index) == ")" else { return nil }
    var depth = 0
    for start in stride(from: index, through: 0, by: -1) {
      if text(start) == ")" { depth += 1 }
      if text(start) == "(" { depth -= 1 }
      if depth == 0 {
        let isModifier = Self.modifierWords.contains(text(start - 1)) || text(start - 1).hasPrefix("@")
        // `public private(set)` ends here too: the set of words matters, not how they are grouped.
        return isModifier && start > 0 ? start - 1 : nil
      }
    }
    return nil
  }
}
