import Simulation

/// A fault that is to strike a TLP or frame, with what decides what it draws.
struct FaultChoice: Sendable {
  let rule: Int
  let match: UInt64
  var generator: SeededGenerator
}

extension FaultEngine {
  /// Counts a match of a fault.
  ///
  /// - Returns: the strike, nil where the match is none of those that are struck.
  mutating func choose(_ rule: Int) -> FaultChoice? {
    let match = armed[rule].matches + 1
    var generator = armed[rule].generator(match: match)
    let isStruck = armed[rule].selects(&generator)
    if armed[rule].isOver { isStale = true }
    return isStruck ? FaultChoice(rule: rule, match: match, generator: generator) : nil
  }

  /// Leaves of the strikes on one TLP or frame those that can be seen, in the order of the rules.
  ///
  /// A drop has its TLP alone, and of several strikes that do the same only the first has something to do.
  /// The others yield to it and count as no strike.
  mutating func settle(_ choices: inout ContiguousArray<FaultChoice>) {
    guard choices.count > 1 else { return }
    let drop = choices.first { armed[$0.rule].fault.action == .drop }
    var kept: ContiguousArray<FaultChoice> = []
    for choice in choices {
      let action = armed[choice.rule].fault.action
      let first =
        action == .signal ? nil : drop ?? kept.first { excludes(armed[$0.rule].fault.action, action) }
      if let first, first.rule != choice.rule {
        armed[choice.rule].yield(to: first.rule)
      } else {
        kept.append(choice)
      }
    }
    choices = kept
  }

  /// Whether an action leaves another one on the same TLP nothing to do.
  private func excludes(_ first: LinkFault.Action, _ second: LinkFault.Action) -> Bool {
    switch (first, second) {
    case (.corrupt(let field, _), .corrupt(let other, _)): field == other || field.isEnd && other.isEnd
    case (.hold(let behind), .hold(let other)): behind == other
    case (.poison, .poison), (.respond, .respond), (.nak, .nak): true
    default: false
    }
  }
}

extension LinkFault.Field {
  /// Whether it is how a TLP on the lanes ends.
  fileprivate var isEnd: Bool { self == .linkCRC || self == .nullified || self == .badEnd }
}
