extension Message {
  /// A key with a value of the wrong kind; `list` is the one key of a map in whose place a list may have been
  /// meant to stand.
  static func kind(_ key: String?, _ wanted: String, _ node: Node, list: String? = nil) -> Message {
    let seen =
      switch node.content {
      case .text(let text): quoted(text)
      case .list: "a list"
      case .map: "a map"
      case .refused: "nothing usable"
      }
    let subject = key.map { "'\($0)' must be \(wanted)" } ?? "an item must be \(wanted)"
    let hint =
      switch (wanted, node.content) {
      case ("a list", .map): ", so begin each item with '- '"
      case ("a list", .text(let text)): ", so write [\(text)]"
      case ("a map", .list) where list != nil: ", so put it behind '\(list ?? ""):'"
      case ("a map", .list): "; its keys are names, without '- ' in front"
      default: ""
      }
    return Message(code: "suite.kind", text: "\(subject); this is \(seen)\(hint)")
  }

  static func unknownKey(_ key: String, in object: ObjectDescription) -> Message {
    let known = object.fields.map(\.name)
    let nearest = NearestName.find(key, among: known)
    return Message(
      code: "suite.unknown-key", text: "unknown key \(quoted(key)) in \(object.title)\(hint(nearest))",
      notes: ["\(object.title) takes \(listing(known))"], replacement: nearest)
  }

  static func freeKey(_ title: String, _ key: String, _ form: Shape.KeyForm) -> Message {
    let allowed =
      switch form {
      case .name: "names are of a-z, 0-9, _ and - and begin with a letter"
      case .referenceName: "names are of a-z, 0-9 and _ and begin with a letter"
      case .variable: "names are of letters, digits and _"
      }
    return Message(code: "suite.name", text: "\(quoted(key)) cannot name a \(title); \(allowed)")
  }

  static func missingKey(_ key: String, in object: ObjectDescription, beside form: String? = nil) -> Message {
    let beside = form.map { " beside '\($0)'" } ?? ""
    return Message(
      code: "suite.missing-key", text: "\(object.title) needs '\(key)'\(beside)",
      notes: object.field(key).map { ["\(key): \($0.help)"] } ?? [])
  }

  static func needsOne(of keys: [String], in object: ObjectDescription, beside form: String? = nil) -> Message
  {
    let beside = form.map { " beside '\($0)'" } ?? ""
    return Message(
      code: "suite.missing-key", text: "\(object.title) needs exactly one of \(listing(keys))\(beside)")
  }

  static func excludes(_ key: String, _ other: String, in object: ObjectDescription) -> Message {
    Message(code: "suite.exclusive", text: "'\(key)' and '\(other)' exclude each other in \(object.title)")
  }

  static func foreignKey(
    _ key: String, _ form: String, _ owners: [String], in object: ObjectDescription
  ) -> Message {
    Message(
      code: "suite.exclusive",
      text: "'\(key)' does not go with '\(form)' in \(object.title); it goes with \(listing(owners))")
  }

  static func fixed(_ key: String, _ text: String, _ only: String, beside form: String) -> Message {
    Message(
      code: "suite.exclusive", text: "'\(key): \(text)' does not go with '\(form)'; write '\(only)'",
      replacement: only)
  }

  static func noVerb(_ object: ObjectDescription) -> Message {
    Message(
      code: "suite.verb", text: "a \(object.title) needs a verb",
      notes: ["verbs are \(listing(object.fields.map(\.name)))"])
  }

  static func secondVerb(_ key: String, first: String, _ object: ObjectDescription) -> Message {
    Message(
      code: "suite.verb",
      text:
        "\(quoted(key)) is a second verb beside \(quoted(first)); "
        + "a \(object.title) has one, so begin another with '- '"
    )
  }

  static func referenceOutOfPlace(_ text: String) -> Message {
    Message(
      code: "suite.unknown-reference",
      text: "\(quoted(text)) stands where no reference can; references reach topology, setup and cases")
  }

  static func unknownReference(_ text: String, _ kind: String, known: [String]) -> Message {
    let name = ReferenceScope.name(of: text)
    guard Scalar.isReferenceName(name) else {
      return Message(
        code: "suite.unknown-reference",
        text: "\(quoted(text)) is no reference; a reference is '$' and a name of a-z, 0-9 and _")
    }
    let nearest = NearestName.find(name, among: known).map { "$" + $0 }
    let names = known.map { "$" + $0 }
    return Message(
      code: "suite.unknown-reference", text: "\(quoted(text)) is not a \(kind)\(hint(nearest))",
      notes: [known.isEmpty ? "no \(kind) is in reach here" : "in reach here: \(listing(names))"],
      replacement: nearest)
  }

  static func boardReference(_ text: String, _ allowed: [String]) -> Message {
    Message(
      code: "suite.unknown-reference",
      text: "\(quoted(text)) means nothing here; what does: \(listing(allowed))")
  }

  static var noTestSocket: Message {
    Message(
      code: "board.qtest",
      text: "the harness is the processor of this board; give QEMU -qtest with unix: and $qtest in args")
  }

  static var noTestAgent: Message {
    Message(
      code: "board.qtest",
      text: "args name $qtest, at which nobody listens without agent: qtest or agent: qtest-real-time")
  }

  static func monitorHalf(isAsked: Bool) -> Message {
    Message(
      code: "board.monitor",
      text: isAsked
        ? "args name $monitor, at which nobody listens without monitor: {plug: TEXT, unplug: TEXT}"
        : "this board has no monitor; give QEMU -qmp with unix: and $monitor in args")
  }

  static func notAMap(_ opening: String) -> Message {
    Message(
      code: "suite.kind", text: "the file must be a map that begins with 'format: 1' and '\(opening): NAME'")
  }

  static let formatFirst = Message(
    code: "suite.format", text: "'format: 1' must come first, so that older readers know what they see")

  static func format(_ text: String) -> Message {
    Message(code: "suite.format", text: "format \(quoted(text)) is not known; this version reads format 1")
  }

  static let noCases = Message(
    code: "suite.no-cases", text: "the suite holds no case; write one under 'cases'")
}
