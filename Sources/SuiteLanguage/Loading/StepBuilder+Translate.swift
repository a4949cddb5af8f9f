extension StepBuilder {
  func translationChange(_ fields: Fields) throws(AlreadyReported) -> Step.TranslationChange {
    let node = try node(fields, "at")
    guard node.role == .rootComplex, node.model != nil else {
      throw refuse(.noTranslationAgent(node), at: fields.place("at"))
    }
    let page = Step.TranslationChange.pageBytes
    let length = try fields.value("length", Scalar.size) ?? page
    guard length >= page, length <= Step.TranslationChange.lengthMax, length & (length - 1) == 0 else {
      throw refuse(.translationLength(length), at: fields.place("length"))
    }
    let address = try fields.required("address", Scalar.hex)
    guard address % length == 0 else {
      throw refuse(.translationAlignment("address", address, length), at: fields.place("address"))
    }
    let target = try fields.value("to", Scalar.hex) ?? address
    guard target % page == 0, !target.addingReportingOverflow(length - 1).overflow else {
      throw refuse(.translationAlignment("to", target, page), at: fields.place("to"))
    }
    let invalidated = fields.has("invalidate") ? try functionTarget(fields, "invalidate") : nil
    return Step.TranslationChange(
      node: node.name, address: address, length: length, target: target,
      access: try fields.choice("access") ?? .readWrite, invalidated: invalidated)
  }
}

extension Message {
  static func noTranslationAgent(_ node: NodeDescription) -> Message {
    Message(
      code: "suite.function",
      text: "'\(node.name)' translates no addresses; only a root complex that is a model does")
  }

  static func translationLength(_ length: UInt64) -> Message {
    Message(
      code: "suite.range",
      text: "length \(length) is not 4KiB times a power of two, to "
        + SizeUnit.spell(Step.TranslationChange.lengthMax))
  }

  static func translationAlignment(_ key: String, _ address: UInt64, _ length: UInt64) -> Message {
    let place = "0x\(String(address, radix: 16))"
    return Message(
      code: "suite.range",
      text: "\(key) \(place) is no multiple of \(SizeUnit.spell(length)) with room behind it")
  }
}
