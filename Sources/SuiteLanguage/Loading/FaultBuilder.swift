/// Builds the fault rules of one instance.
struct FaultBuilder {
  /// Looks up names and reports findings for the instance.
  let steps: StepBuilder

  func build(_ list: Node?) -> [FaultRule] {
    var rules: [FaultRule] = []
    for item in list?.items ?? [] {
      do throws(AlreadyReported) { rules.append(try build(rule: item)) } catch { continue }
    }
    return rules
  }

  private func build(rule node: Node) throws(AlreadyReported) -> FaultRule {
    guard let entry = node.entries?.first, let verb = FaultVerb(rawValue: entry.key) else {
      throw AlreadyReported()
    }
    steps.enter(entry)
    let fields = Fields(entry.value, span: entry.keySpan, values: steps.values)
    let trigger = try trigger(verb, fields)
    return FaultRule(
      action: try action(verb, fields, trigger), trigger: trigger, expectation: try expectation(fields),
      span: SourceSpan(start: entry.keySpan.start, end: entry.value.span.end))
  }

  private func action(
    _ verb: FaultVerb, _ fields: Fields, _ trigger: FaultTrigger
  ) throws(AlreadyReported) -> FaultRule.Action {
    switch verb {
    case .drop: return .drop
    case .delay: return .delay(try delay(fields, trigger))
    case .duplicate: return .duplicate
    case .corrupt: return try corrupt(fields, trigger)
    case .poison:
      try requireData(trigger, fields)
      if trigger.layer == .dataLink { throw steps.refuse(.aboveLanes("EP"), at: fields.place("layer")) }
      return .poison
    case .complete: return .complete(try completion(fields, trigger.word))
    case .starve: return .starve(try fields.requiredChoice("credits"))
    case .linkDown: return .linkDown
    case .kill: return .kill(node: try steps.node(fields, "node").name)
    case .hang: return .hang(node: try steps.node(fields, "node").name)
    case .do: return .perform(try performed(fields))
    }
  }

  private func trigger(_ verb: FaultVerb, _ fields: Fields) throws(AlreadyReported) -> FaultTrigger {
    let link = fields.has("link") ? try steps.link(fields, "link") : nil
    let match = try match(fields)
    let layer = try layer(fields, match)
    return FaultTrigger(
      link: link?.name, sender: try sender(fields, link), layer: layer, match: match,
      filter: try filter(verb, fields, match), selection: try selection(fields),
      after: try start(verb, fields, link?.name),
      duration: try fields.value("for", Scalar.duration), times: try positive(fields, "times"))
  }

  private func match(_ fields: Fields) throws(AlreadyReported) -> FaultMatch? {
    if let tlp: TLPWord = try fields.choice("tlp") { return .tlp(tlp) }
    if let dllp: DLLPWord = try fields.choice("dllp") { return .dllp(dllp) }
    return try fields.value("msix", Scalar.count).map { .msix(vector: Int(clamping: $0)) }
  }

  /// DLLPs exist only below Ack and Nak.
  private func layer(_ fields: Fields, _ match: FaultMatch?) throws(AlreadyReported) -> FaultLayer {
    let named: FaultLayer? = try fields.choice("layer")
    guard case .dllp = match else { return named ?? .transaction }
    if named == .transaction { throw steps.refuse(.dllpLayer, at: fields.place("layer")) }
    return .dataLink
  }

  /// One end of the rule's link.
  private func sender(_ fields: Fields, _ link: LinkDescription?) throws(AlreadyReported) -> String? {
    guard fields.has("from") else { return nil }
    let node = try steps.node(fields, "from")
    if let link, node.name != link.upstream, node.name != link.downstream {
      throw steps.refuse(.notAnEnd(node.name, link), at: fields.place("from"))
    }
    return node.name
  }

  private func selection(_ fields: Fields) throws(AlreadyReported) -> FaultTrigger.Selection? {
    if let nth = try positive(fields, "nth") { return .nth(nth) }
    if let every = try positive(fields, "every") { return .every(every) }
    return try fields.value("probability", Scalar.share).map { .probability($0) }
  }

  private func positive(_ fields: Fields, _ key: String) throws(AlreadyReported) -> UInt64? {
    guard let value = try fields.value(key, Scalar.count) else { return nil }
    guard value > 0 else { throw steps.refuse(.zero(key), at: fields.place(key)) }
    return value
  }

  private func start(
    _ verb: FaultVerb, _ fields: Fields, _ link: String?
  ) throws(AlreadyReported) -> FaultTrigger.Start? {
    guard let entry = fields.entry("after") else { return nil }
    guard entry.value.entries != nil else { return .time(try fields.required("after", Scalar.duration)) }
    let own = Fields(entry.value, span: entry.keySpan, values: fields.values)
    if own.has("console") {
      return .console(node: try steps.consoleNode(own, "console"), pattern: try own.required("matches"))
    }
    let place = own.has("link") ? try steps.link(own, "link") : link.flatMap { steps.topology.link($0) }
    guard let place else { throw steps.refuse(.afterNeedsLink(verb), at: own.span) }
    guard let count = try positive(own, "count") else { throw AlreadyReported() }
    return .count(count, try own.requiredChoice("tlp"), link: place.name, from: try sender(own, place))
  }

  private func delay(_ fields: Fields, _ trigger: FaultTrigger) throws(AlreadyReported) -> DelayLimit {
    if let range = try fields.value("by", Scalar.durationRange) {
      return .time(range.lowerBound, range.upperBound)
    }
    // Frames never pass each other: what is late keeps what is behind it waiting.
    if trigger.layer == .dataLink { throw steps.refuse(.aboveLanes("'behind'"), at: fields.place("behind")) }
    switch try fields.required("behind") {
    case "msix": return .behind(.msix)
    case let word where word.hasSuffix("-request"):
      guard trigger.word.canHave(.byteCount) else {
        throw steps.refuse(.behindNeedsCompletion(word, trigger.word), at: fields.place("behind"))
      }
      return .behind(word == "same-request" ? .sameRequest : .otherRequest)
    default: return .behind(.tlp(try fields.requiredChoice("behind")))
    }
  }

  /// Sequence numbers and the LCRC are added below the transaction layer.
  private func corrupt(_ fields: Fields, _ trigger: FaultTrigger) throws(AlreadyReported) -> FaultRule.Action
  {
    let field: CorruptField = try fields.requiredChoice("field")
    try check(field, trigger, at: fields.place("field"))
    if field == .payload || field == .maxPayload { try requireData(trigger, fields) }
    return .corrupt(field, value: try value(of: field, fields))
  }

  private func check(
    _ field: CorruptField, _ trigger: FaultTrigger, at place: SourceSpan
  ) throws(AlreadyReported) {
    if case .dllp(let word) = trigger.match {
      guard word.changeableFields.contains(field) else {
        throw steps.refuse(.dllpField(field, word), at: place)
      }
      return
    }
    switch field {
    case .credits: throw steps.refuse(.creditsNeedUpdate, at: place)
    case .lcrc, .nullified, .edb, .sequence:
      if trigger.layer != .dataLink { throw steps.refuse(.dataLinkField(field), at: place) }
    case .maxPayload, .boundary:
      if trigger.layer == .dataLink { throw steps.refuse(.notOnLanes(field), at: place) }
    default: break
    }
    // What needs data has words of its own for that.
    guard field == .payload || field == .maxPayload || trigger.word.canHave(field) else {
      throw steps.refuse(.withoutField(trigger.word, field), at: place)
    }
  }

  private func value(of field: CorruptField, _ fields: Fields) throws(AlreadyReported) -> UInt64? {
    guard let value = try fields.value("value", Scalar.hex) else { return nil }
    guard let bits = field.bits else { throw steps.refuse(.withoutValue(field), at: fields.place("value")) }
    guard bits == 64 || value >> UInt64(bits) == 0 else {
      throw steps.refuse(.tooWide(field.rawValue, value, bits: bits), at: fields.place("value"))
    }
    if field == .credits, value == 0 { throw steps.refuse(.zero("value"), at: fields.place("value")) }
    return value
  }

  /// Only TLPs with data can be poisoned or have their payload changed.
  private func requireData(_ trigger: FaultTrigger, _ fields: Fields) throws(AlreadyReported) {
    switch trigger.match {
    case .tlp(let word) where !word.canCarryData:
      throw steps.refuse(.withoutData(word), at: fields.place("tlp"))
    case .dllp(let word): throw steps.refuse(.dllpWithoutData(word), at: fields.place("dllp"))
    default: break
    }
  }

  private func completion(_ fields: Fields, _ word: TLPWord) throws(AlreadyReported) -> FaultCompletion {
    let status: FaultStatus = try fields.requiredChoice("status")
    let node = fields.has("node") ? try steps.node(fields, "node").name : nil
    if node != nil, status == .nak { throw steps.refuse(.nakNeedsLink, at: fields.place("status")) }
    if node != nil, !fields.has("tag"), !word.canBeAnswered {
      throw steps.refuse(.noAnswer(word), at: fields.place("tlp"))
    }
    let split = try fields.value("split", Scalar.sizeRange)
    if split != nil, word != .memoryRead, word != .any {
      throw steps.refuse(.splitsReads(word), at: fields.place("tlp"))
    }
    if split != nil, status != .successful {
      throw steps.refuse(.splitStatus(status), at: fields.entry("split")?.keySpan ?? fields.span)
    }
    var unasked: FaultCompletion.Unasked?
    if fields.has("tag") {
      let tag = try fields.required("tag", Scalar.hex)
      guard tag < 1024 else { throw steps.refuse(.tooWide("tag", tag, bits: 10), at: fields.place("tag")) }
      guard fields.has("to") else { throw steps.refuse(.unaskedNeeds("to"), at: fields.span) }
      guard fields.has("after") else { throw steps.refuse(.unaskedNeeds("after"), at: fields.span) }
      unasked = FaultCompletion.Unasked(requester: try steps.node(fields, "to").name, tag: UInt16(tag))
    } else if !fields.has("nth"), !fields.has("every"), !fields.has("probability") {
      throw steps.refuse(.needsSelection, at: fields.span)
    }
    return FaultCompletion(node: node, status: status, split: split, unasked: unasked)
  }

  private func performed(_ fields: Fields) throws(AlreadyReported) -> Step {
    guard let entry = fields.entry("step"), let verb = entry.value.entries?.first else {
      throw AlreadyReported()
    }
    guard let word = Verb(rawValue: verb.key), FaultVerb.steps.contains(word) else {
      throw steps.refuse(.cannotPerform(verb.key), at: verb.keySpan)
    }
    return try steps.build(step: entry.value)
  }
}

extension FaultTrigger {
  /// The TLPs that the rule strikes; interrupts are memory writes.
  fileprivate var word: TLPWord {
    switch match {
    case .tlp(let word): word
    case .msix: .memoryWrite
    case .dllp, nil: .any
    }
  }
}
