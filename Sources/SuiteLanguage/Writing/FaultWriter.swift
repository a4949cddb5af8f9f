import PCIe

/// Writes fault rules as the language spells them.
enum FaultWriter {
  /// One rule: its verb and its fields.
  static func text(_ rule: FaultRule) -> String {
    var fields = YAMLFlow()
    switch rule.action {
    case .complete(let completion): add(completion, rule.trigger, &fields)
    case .kill(let node), .hang(let node): fields.add("node", node)
    case .perform: break
    default: fields.add("link", rule.trigger.link)
    }
    if case .complete = rule.action {} else { addMatch(rule.trigger, &fields) }
    addOwn(rule.action, &fields)
    addSelection(rule.trigger, &fields)
    fields.add("after", yaml: rule.trigger.after.map { text($0, of: rule.trigger) })
    fields.add("for", rule.trigger.duration?.suiteText)
    if case .perform(let step) = rule.action {
      fields.add("step", yaml: "{\(step.verb.rawValue): \(StepWriter.flow(step))}")
    }
    fields.add("expect", yaml: rule.expectation.map(text))
    return "\(rule.verb.rawValue): \(fields.text)"
  }

  private static func addMatch(_ trigger: FaultTrigger, _ fields: inout YAMLFlow) {
    fields.add("from", trigger.sender)
    switch trigger.match {
    case nil: break
    case .tlp(let word): fields.add("tlp", word.rawValue)
    case .dllp(let word): fields.add("dllp", word.rawValue)
    case .msix(let vector): fields.add("msix", count: vector)
    }
    // DLLPs are below Ack and Nak without a word.
    if case .dllp = trigger.match {} else if trigger.layer == .dataLink { fields.add("layer", "data-link") }
    switch trigger.filter.addresses {
    case nil: break
    case .range(let range):
      let last = range.lowerBound == range.upperBound ? "" : "..\(YAMLFlow.hex(range.upperBound))"
      fields.add("address", YAMLFlow.hex(range.lowerBound) + last)
    case .region(let node, let region): fields.add("address", "\(node).\(region.name)")
    }
    fields.add("length", trigger.filter.length.map(text))
    fields.add("requester", trigger.filter.requester)
    fields.add("tag", hex: trigger.filter.tag)
  }

  private static func addOwn(_ action: FaultRule.Action, _ fields: inout YAMLFlow) {
    switch action {
    case .delay(.time(let least, let most)):
      fields.add("by", least == most ? least.suiteText : "\(least.suiteText)..\(most.suiteText)")
    case .delay(.behind(let word)): fields.add("behind", text(word))
    case .corrupt(let field, let value):
      fields.add("field", field.rawValue)
      fields.add("value", hex: value)
    case .starve(let credits): fields.add("credits", credits.rawValue)
    case .drop, .duplicate, .poison, .complete, .linkDown, .kill, .hang, .perform: break
    }
  }

  private static func addSelection(_ trigger: FaultTrigger, _ fields: inout YAMLFlow) {
    switch trigger.selection {
    case nil: break
    case .nth(let number): fields.add("nth", count: number)
    case .every(let number): fields.add("every", count: number)
    case .probability(let millionths): fields.add("probability", share(millionths))
    }
    fields.add("times", count: trigger.times)
  }

  private static func add(
    _ completion: FaultCompletion, _ trigger: FaultTrigger, _ fields: inout YAMLFlow
  ) {
    fields.add("node", completion.node)
    if completion.node == nil { fields.add("link", trigger.link) }
    fields.add("to", completion.unasked?.requester)
    fields.add("tag", hex: completion.unasked?.tag)
    addMatch(trigger, &fields)
    fields.add("status", completion.status.rawValue)
    fields.add("split", completion.split.map(text))
  }
}

// Parts of rules.
extension FaultWriter {
  private static func text(_ start: FaultTrigger.Start, of trigger: FaultTrigger) -> String {
    switch start {
    case .time(let time): return time.suiteText
    case .console(let node, let pattern):
      var own = YAMLFlow()
      own.add("console", node)
      own.add("matches", pattern)
      return own.text
    case .count(let count, let word, let link, let sender):
      var own = YAMLFlow()
      if link != trigger.link { own.add("link", link) }
      own.add("tlp", word.rawValue)
      own.add("count", count: count)
      own.add("from", sender)
      return own.text
    }
  }

  private static func text(_ word: BehindWord) -> String {
    switch word {
    case .msix: "msix"
    case .sameRequest: "same-request"
    case .otherRequest: "other-request"
    case .tlp(let word): word.rawValue
    }
  }

  private static func text(_ sizes: ClosedRange<UInt64>) -> String {
    let least = SizeUnit.spell(sizes.lowerBound)
    return sizes.lowerBound == sizes.upperBound ? least : "\(least)..\(SizeUnit.spell(sizes.upperBound))"
  }

  private static func text(_ expectation: [String: Set<Violation>]) -> String {
    var own = YAMLFlow()
    for (node, violations) in expectation.sorted(by: { $0.key < $1.key }) {
      own.add(node, yaml: YAMLFlow.list(Violation.allCases.filter(violations.contains).map(\.rawValue)))
    }
    return own.text
  }

  /// A share in percent, with as many of its four decimals as it needs.
  static func share(_ millionths: UInt32) -> String {
    let whole = "\(millionths / 10_000)"
    var decimals = String(String(millionths % 10_000 + 10_000).dropFirst())
    while decimals.last == "0" { decimals.removeLast() }
    return decimals.isEmpty ? "\(whole)%" : "\(whole).\(decimals)%"
  }
}
