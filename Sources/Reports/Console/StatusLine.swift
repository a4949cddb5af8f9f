import RunEvents

/// The line of a case: a word that can be found by eye and by grep, the time, and the name.
enum StatusLine {
  /// The columns of the word; it stands at their right end.
  static let wordWidth = 12
  /// The columns of the time.
  static let timeWidth = 9

  static func line(
    _ word: String, _ style: TextStyle, time: String, suite: String, suiteWidth: Int, name: Substring
  ) -> StyledLine {
    var line = StyledLine(Format.left(word, wordWidth), style)
    line.add(" [\(Format.left(time, timeWidth))] ", .faint)
    line.add(Format.right(suite, suiteWidth), .name)
    line.add("  \(name)")
    return line
  }

  /// The word of an ending and its meaning.
  static func word(_ ending: RunState.Ending) -> (String, TextStyle) {
    let attempt = ending.log.attempt
    if !ending.isFinal { return ("TRY \(attempt) FAIL", .warning) }
    switch ending.outcome.verdict {
    case .passed where attempt > 1: return ("FLAKY \(attempt)/\(ending.log.started.triesMax)", .warning)
    case .passed: return ("PASS", .good)
    case .failed(.flaky): return ("FLAKY \(attempt)/\(ending.log.started.triesMax)", .bad)
    case .failed(.timeout), .failed(.noProgress): return ("TIMEOUT", .bad)
    case .failed(.leak): return ("LEAK", .bad)
    case .failed(.unexpectedPass): return ("XPASS", .bad)
    case .failed(.expectation), .failed(.violation), .failed(.neverHit): return ("FAIL", .bad)
    case .error: return ("ERROR", .bad)
    case .skipped(.knownFailure): return ("KNOWN FAIL", .known)
    case .skipped(.requirement): return ("SKIP", .known)
    }
  }

  /// What stands behind the name: the seeds, the process left behind.
  static func tail(_ ending: RunState.Ending) -> String {
    var tail = ""
    if let seeds = ending.outcome.seeds {
      if seeds.failing != nil {
        tail += "  (seed \(seeds.run) of \(seeds.count))"
      } else {
        tail += "  (\(Format.count(seeds.run, "seed")))"
      }
    }
    if ending.outcome.verdict == .failed(.leak), let leak = ending.log.leaks.first {
      tail += "   " + FailureBlock.process(leak)
    }
    if ending.outcome.verdict == .skipped(.knownFailure), !ending.outcome.message.isEmpty {
      tail += "   " + PlainText.oneLine(ending.outcome.message)
    }
    return tail
  }
}
