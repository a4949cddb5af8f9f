extension Message {
  static let dllpLayer = Message(
    code: "suite.trigger", text: "DLLPs pass only at layer: data-link; write that or leave 'layer' out")

  static func notAnEnd(_ node: String, _ link: LinkDescription) -> Message {
    Message(
      code: "suite.trigger",
      text: "'\(node)' is no end of link '\(link.name)'; its ends are \(link.upstream), \(link.downstream)")
  }

  static func zero(_ key: String) -> Message {
    Message(code: "suite.range", text: "'\(key)' counts from 1; 0 would never strike")
  }

  static func afterNeedsLink(_ verb: FaultVerb) -> Message {
    Message(
      code: "suite.trigger",
      text: "'after' counts TLPs on a link and \(verb.rawValue) names none; add 'link' beside 'count'")
  }

  static func dataLinkField(_ field: CorruptField) -> Message {
    Message(
      code: "suite.trigger",
      text: "'\(field.rawValue)' exists only below the transaction layer; add layer: data-link")
  }

  static func notOnLanes(_ field: CorruptField) -> Message {
    Message(
      code: "suite.trigger",
      text: "'\(field.rawValue)' cannot change below Ack and Nak; leave layer: data-link out")
  }

  static let creditsNeedUpdate = Message(
    code: "suite.trigger",
    text: "'credits' are told by the DLLP UpdateFC; write dllp: UpdateFC in place of 'tlp'")

  static func dllpField(_ field: CorruptField, _ word: DLLPWord) -> Message {
    let fields = word.changeableFields.map(\.rawValue)
    return Message(
      code: "suite.trigger",
      text: "the DLLP \(word.rawValue) has no '\(field.rawValue)'; its fields are \(listing(fields))")
  }

  static func aboveLanes(_ what: String) -> Message {
    Message(
      code: "suite.trigger", text: "\(what) exists only above Ack and Nak; leave layer: data-link out")
  }

  static func withoutData(_ word: TLPWord) -> Message {
    let words = TLPWord.allCases.filter(\.canCarryData).map(\.rawValue)
    return Message(
      code: "suite.trigger", text: "\(word.rawValue) carries no data; TLPs with data are \(listing(words))")
  }

  static func withoutField(_ word: TLPWord, _ field: CorruptField) -> Message {
    let words = TLPWord.allCases.filter { $0.canHave(field) }.map(\.rawValue)
    return Message(
      code: "suite.trigger",
      text: "\(word.rawValue) has no '\(field.rawValue)'; TLPs with it are \(listing(words))")
  }

  static func withoutValue(_ field: CorruptField) -> Message {
    Message(
      code: "suite.trigger",
      text: "'\(field.rawValue)' becomes wrong in one way only; leave 'value' out")
  }

  static func behindNeedsCompletion(_ behind: String, _ word: TLPWord) -> Message {
    Message(
      code: "suite.trigger",
      text: "'behind: \(behind)' is for completions, Cpl or CplD; \(word.rawValue) is none")
  }

  static func noAnswer(_ word: TLPWord) -> Message {
    let words = TLPWord.allCases.filter(\.canBeAnswered).map(\.rawValue)
    return Message(
      code: "suite.trigger",
      text: "\(word.rawValue) has no completer; requests are \(listing(words))")
  }

  static func splitsReads(_ word: TLPWord) -> Message {
    Message(
      code: "suite.trigger", text: "'split' cuts the data of memory reads, MRd; \(word.rawValue) is none")
  }

  static func dllpWithoutData(_ word: DLLPWord) -> Message {
    Message(code: "suite.trigger", text: "the DLLP \(word.rawValue) carries no data; use 'tlp'")
  }

  static let nakNeedsLink = Message(
    code: "suite.trigger", text: "a Nak comes from the receiver at a link; write 'link' in place of 'node'")

  static func splitStatus(_ status: FaultStatus) -> Message {
    Message(
      code: "suite.trigger",
      text: "'split' needs status: SC; a completion with \(status.rawValue) has no data")
  }

  static func unaskedNeeds(_ key: String) -> Message {
    Message(code: "suite.missing-key", text: "a completion nobody asked for needs '\(key)' beside 'tag'")
  }

  static let needsSelection = Message(
    code: "suite.missing-key", text: "complete needs exactly one of nth, every, probability")

  static func cannotPerform(_ verb: String) -> Message {
    Message(
      code: "suite.trigger",
      text: "'do' cannot perform \(quoted(verb)); it performs \(listing(FaultVerb.steps.map(\.rawValue)))")
  }

  static func matchesOnlyTLPs(_ key: String) -> Message {
    Message(code: "suite.trigger", text: "'\(key)' is a part of TLPs; it needs 'tlp' beside it")
  }

  static func withoutAddress(_ word: TLPWord) -> Message {
    let words = TLPWord.allCases.filter(\.canCarryAddress).map(\.rawValue)
    return Message(
      code: "suite.trigger",
      text: "\(word.rawValue) goes to no address; TLPs with an address are \(listing(words))")
  }
}
