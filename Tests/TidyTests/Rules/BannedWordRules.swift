extension Rule {
  /// Foundation costs start-up time and 12 MB: the command line alone may use it.
  static let foundation = Rule(name: "no Foundation below the command line") { file in
    guard file.isInSources, file.module != "PCIeHarness" else { return [] }
    return file.imports.filter { $0.name.hasPrefix("Foundation") }
      .map { file.finding($0.line, "import of \($0.name) below PCIeHarness") }
  }

  static let printing = Rule(name: "no print") { file in
    let words: Set<String> = ["print", "debugPrint", "dump", "NSLog", "printf"]
    return file.calls(to: words) {
      file.finding($0.line, "call of \($0.text); text leaves through PCIeHarness only")
    }
  }

  static let forcing = Rule(name: "no force unwrap, try! or as!") { file in
    guard file.isInSources, file.language == .swift else { return [] }
    return file.tokens.indices.dropFirst().compactMap { index in
      let token = file.tokens[index]
      let before = file.tokens[index - 1]
      guard token.text == "!", token.isGlued else { return nil }
      guard before.isWord || [")", "]", "}", "?", "\"", ">"].contains(before.text) else { return nil }
      if before.text.hasPrefix("#") { return nil }
      let what = ["try", "as"].contains(before.text) ? "'\(before.text)!'" : "force unwrap '\(before.text)!'"
      return file.finding(token.line, "\(what); use guard, a typed error or a precondition with a reason")
    }
  }

  /// Product and tests wait for something, with a limit.
  static let sleeping = Rule(name: "no sleep") { file in
    let words: Set<String> = ["sleep", "usleep", "nanosleep", "clock_nanosleep"]
    return file.calls(to: words, everywhere: true) {
      file.finding($0.line, "call of \($0.text); wait for an event, with a limit")
    }
  }

  /// Below Runner virtual time is the only time.
  static let clocks = Rule(name: "no clock below Runner") { file in
    let modules: Set<String> = [
      "PCIe", "Simulation", "LinkBroker", "Endpoints", "SuiteLanguage", "RunEvents", "Reports",
    ]
    let clocks: Set<String> = [
      "Date", "ContinuousClock", "SuspendingClock", "clock_gettime", "gettimeofday", "DispatchTime",
    ]
    guard file.isInSources else { return [] }
    return file.tokens.filter { token in
      token.isWord && (modules.contains(file.module) ? clocks.contains(token.text) : token.text == "Date")
    }.map { file.finding($0.line, "use of \($0.text); time comes from Simulation's virtual clock") }
  }

  /// Workers are processes, and one thread owns a fabric; a thread would bring back the thread sanitizer's job.
  static let threads = Rule(name: "no threads") { file in
    guard file.isInSources else { return [] }
    let words: Set<String> = [
      "pthread_create", "thrd_create", "Thread", "Task", "DispatchQueue", "actor", "async",
    ]
    return file.tokens.filter { words.contains($0.text) }
      .map { file.finding($0.line, "use of \($0.text); with threads, .ci/run needs a thread sanitizer run") }
  }

  /// The applications run in worlds that have another operating system, or none. `native` and `scan` are images
  /// of Zephyr and of nothing else.
  static let portable = Rule(name: "applications are portable") { file in
    let bound = ["platform", "native", "scan"].map { "Twister/apps/\($0)/" }
    guard file.path.hasPrefix("Twister/apps/"), !bound.contains(where: file.path.hasPrefix) else { return [] }
    let headers: Set<Substring> = ["stdbool.h", "stddef.h", "stdint.h", "string.h"]
    return file.lines.enumerated().compactMap { index, line in
      guard let header = line.firstMatch(of: /^#\s*include\s*<(.*)>/)?.1, !headers.contains(header) else {
        return nil
      }
      return file.finding(index + 1, "include of <\(header)>; what it has belongs behind platform.h")
    }
  }

  /// Simulation owns chance; Swift's own hash is seeded per process.
  static let chance = Rule(name: "no chance outside Simulation") { file in
    guard file.isInSources, file.module != "Simulation", file.language == .swift else { return [] }
    let types: Set<String> = ["Hasher", "SystemRandomNumberGenerator"]
    let functions: Set<String> = [
      "randomElement", "shuffle", "shuffled", "arc4random", "arc4random_uniform", "getrandom", "rand",
      "srand",
      "drand48",
    ]
    return file.tokens.indices.compactMap { index in
      let text = file.tokens[index].text
      let next = file.text(index + 1)
      let draws = text == "random" && next == "(" && ["in", "using", ")"].contains(file.text(index + 2))
      let isMember = text == "hashValue" && file.text(index - 1) == "."
      guard types.contains(text) || (functions.contains(text) && next == "(") || draws || isMember else {
        return nil
      }
      return file.finding(
        file.tokens[index].line, "use of \(text); draw from Simulation's seeded generator or its fixed hash")
    }
  }

  static let unfinished = Rule(name: "no unfinished-work markers") { file in
    let markers = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
    var findings: [Finding] = []
    for comment in file.comments {
      for (offset, line) in comment.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      {
        let words = line.split { !$0.isLetter }.map(String.init)
        guard let marker = words.first(where: markers.contains) else { continue }
        findings.append(file.finding(comment.line + offset, "marker \(marker); finish it, or file an issue"))
      }
    }
    for (index, line) in file.lines.enumerated() where file.isInSources {
      let stubs = ["\"not impl", "\"not yet", "\"unimpl"].flatMap {
        ["fatalError(\($0)", "preconditionFailure(\($0)"]
      }
      if stubs.contains(where: line.contains) {
        findings.append(file.finding(index + 1, "a stub that traps"))
      }
    }
    return findings
  }
}

extension SourceText {
  func text(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].text : "" }

  /// Free calls and type-member calls by name; a declaration or an enum case of that name is none.
  func calls(to words: Set<String>, everywhere: Bool = false, _ finding: (Token) -> Finding) -> [Finding] {
    guard everywhere || isInSources, language != .plain else { return [] }
    return tokens.indices.filter { index in
      let before = text(index - 1)
      let qualifies = before != "." || (text(index - 2).first?.isUppercase ?? false)
      return words.contains(tokens[index].text) && text(index + 1) == "(" && qualifies
        && !["func", "case"].contains(before)
    }.map { finding(tokens[$0]) }
  }

  struct Import: Sendable {
    let name: String
    let line: Int
  }

  /// The modules that this file imports.
  var imports: [Import] {
    guard language == .swift else { return [] }
    let kinds: Set<String> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    return tokens.indices.compactMap { index in
      guard tokens[index].text == "import", text(index - 1) != "." else { return nil }
      let name = kinds.contains(text(index + 1)) ? index + 2 : index + 1
      return Import(name: text(name), line: tokens[index].line)
    }
  }
}
