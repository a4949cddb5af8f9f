extension Rule {
  /// `Type.swift` declares the type and no other main type; `Type+Topic.swift` extends it.
  static let fileName = Rule(name: "one main type per file, named like the file") { file in
    guard file.isInSources, file.language == .swift else { return [] }
    let stem = String(file.fileName.dropLast(".swift".count))
    let types = file.declarations.filter { $0.kind == .type && $0.owners.isEmpty && !$0.isLocal }
    let visible = types.filter { !$0.isPrivate }
    let parts = stem.split(separator: "+", maxSplits: 1).map(String.init)
    let owner = parts.first ?? stem
    let names = types.map(\.name) + file.declarations.filter { $0.kind == .extension }.map(\.name)
    if file.declarations.isEmpty {
      return [file.finding(1, "the file declares nothing; remove it")]
    }
    if parts.count == 2 {
      let extends = names.contains { $0 == owner || $0.hasSuffix("." + owner) }
      return extends
        ? [] : [file.finding(1, "the file name says that it extends '\(owner)', and nothing here does")]
    }
    var findings: [Finding] = []
    let nested = file.declarations.filter { $0.kind == .type && !$0.isLocal }.map(\.name)
    if !visible.isEmpty && !visible.map(\.name).contains(owner) && !nested.contains(owner) {
      findings.append(file.finding(visible[0].line, "no type is named '\(owner)' like the file"))
    }
    let extensions = file.declarations.filter { $0.kind == .extension }
    if visible.isEmpty && !nested.contains(owner), Set(extensions.map(\.name)).count == 1,
      let first = extensions.first
    {
      let topic = "name the file '\(first.name.split(separator: ".").last ?? "Type")+Topic.swift'"
      findings.append(file.finding(first.line, "the file only extends '\(first.name)'; \(topic)"))
    }
    return findings
  }

  /// The specification's nouns, in full.
  static let names = Rule(name: "names that say nothing or the wrong thing") { file in
    guard file.language == .swift else { return [] }
    var findings: [Finding] = []
    for index in file.tokens.indices where file.tokens[index].isWord {
      if let word = bannedWord(in: file.tokens[index].text) {
        findings.append(file.finding(file.tokens[index].line, "'\(file.tokens[index].text)': \(word)"))
      }
    }
    if let word = bannedWord(in: String(file.fileName.dropLast(".swift".count))) {
      findings.append(file.finding(1, "file name: \(word)"))
    }
    return findings
  }

  private static let advice: [String: String] = [
    "manager": "say what it does instead of 'manager'", "helper": "say what it does instead of 'helper'",
    "helpers": "say what they do instead of 'helpers'", "util": "say what it does instead of 'util'",
    "utils": "say what they do instead of 'utils'", "utility": "say what it does instead of 'utility'",
    "utilities": "say what they do instead of 'utilities'", "slave": "say completer instead of 'slave'",
    "master": "say requester; 'bus master' is for the enable bit only",
    "packet": "say TLP or DLLP instead of 'packet'",
    "packets": "say TLPs or DLLPs instead of 'packets'",
  ]

  /// Foundation's own names.
  private static let foreign: Set<String> = ["FileManager"]

  private static func bannedWord(in name: String) -> String? {
    if foreign.contains(name) { return nil }
    let words = words(of: name)
    for (index, word) in words.enumerated() {
      guard let text = advice[word] else { continue }
      // The command register's bit is called so by the specification.
      if word == "master" && index > 0 && words[index - 1] == "bus" { continue }
      // pcapng's own block name.
      if word == "packet" && index > 0 && words[index - 1] == "enhanced" { continue }
      return text
    }
    return nil
  }

  /// `dmaRingIndex` and `DMARing_index` in lower-case words.
  static func words(of name: String) -> [String] {
    var words: [String] = []
    var word = ""
    var wasLower = false
    for character in name {
      if !character.isLetter {
        if !word.isEmpty { words.append(word) }
        word = ""
        wasLower = false
        continue
      }
      if character.isUppercase && wasLower {
        words.append(word)
        word = ""
      }
      wasLower = character.isLowercase
      word += character.lowercased()
    }
    if !word.isEmpty { words.append(word) }
    return words
  }
}
