extension StepBuilder {
  func managementCommand(_ fields: Fields) throws(AlreadyReported) -> Step.Action {
    let node = try amuNode(fields)
    let name = try fields.required("command")
    guard let command = AMUCommand.named(name) else { throw AlreadyReported() }
    return .amu(
      Step.ManagementCommand(
        node: node, command: name, arguments: try managementFields(fields, "args", command.request, name),
        expectation: try managementFields(fields, "expect", command.response, name)))
  }

  private func managementFields(
    _ fields: Fields, _ key: String, _ known: [String], _ command: String
  ) throws(AlreadyReported) -> [Step.ManagementField] {
    guard let own = fields.object(key) else { return [] }
    var result: [Step.ManagementField] = []
    for entry in own.entries {
      guard known.contains(entry.key) else {
        throw refuse(.managementField(entry.key, command, known), at: entry.keySpan)
      }
      let value = try own.required(entry.key, Scalar.integer)
      result.append(Step.ManagementField(name: entry.key, value: value))
    }
    return result
  }

  private func amuNode(_ fields: Fields) throws(AlreadyReported) -> String {
    let node = try node(fields, "node")
    guard node.model == .revereAMU else { throw refuse(.notAnAMU(node.name), at: fields.place("node")) }
    return node.name
  }

  func messageSend(_ fields: Fields) throws(AlreadyReported) -> Step.Action {
    let node = try amuNode(fields)
    let source = try data(fields)
    let messages = try count(fields, "messages", 1...1_000_000)
    let accepted = try fields.object("expect")?.value("accepted", Scalar.count)
    if let accepted, accepted > UInt64(messages) {
      throw refuse(
        .outOfRange("accepted", accepted, 0...UInt64(messages)),
        at: fields.object("expect")?.span ?? fields.span)
    }
    return .amsSend(
      Step.MessageSend(
        node: node, ami: try fields.required("ami", Scalar.name), ams: try count(fields, "ams", 0...63),
        messages: messages, data: source, save: try save(fields, source), accepted: accepted.map { Int($0) }))
  }

  func messageReceive(_ fields: Fields) throws(AlreadyReported) -> Step.Action {
    let node = try amuNode(fields)
    let expectation = fields.object("expect")
    return .amsReceive(
      Step.MessageReceive(
        node: node, ami: try fields.required("ami", Scalar.name), ams: try count(fields, "ams", 0...63),
        messages: try count(fields, "messages", 1...1_000_000),
        data: expectation == nil ? nil : try data(expectation ?? fields)))
  }
}
