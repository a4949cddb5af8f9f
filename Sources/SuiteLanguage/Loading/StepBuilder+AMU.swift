import RevereInterface

// Steps about a Revere-AMU: names of commands, fields and statuses are those of its interface.
extension StepBuilder {
  func managementStep(_ fields: Fields) throws(AlreadyReported) -> Step.Action {
    let (node, settings) = try amuNode(fields)
    let function = try function(fields, settings)
    if let name = try fields.text("exception") {
      guard let exception = RevereInterface.exception(name) else { throw AlreadyReported() }
      return .amuException(
        Step.ManagementException(
          node: node, function: function, exception: name,
          expectation: try managementFields(fields, "expect", exception.fields, name)))
    }
    if fields.has("trace") {
      return .amuTrace(
        Step.ManagementTrace(
          node: node, function: function,
          session: UInt64(try count(fields, "trace", 0...UInt64(settings.sessions - 1))),
          expectation: try managementFields(fields, "expect", RevereInterface.traceFields, "trace")))
    }
    if let state = try fields.text("error_state") {
      return .amuErrorState(Step.ManagementErrorState(node: node, function: function, state: state))
    }
    let name = try fields.required("command")
    guard let command = RevereInterface.command(name) else { throw AlreadyReported() }
    return .amu(
      Step.ManagementCommand(
        node: node, function: function, command: name,
        arguments: try managementFields(fields, "args", command.request, name),
        expectation: try managementFields(
          fields, "expect", [.status] + command.response, name, statuses: command.statuses),
        errorState: try fields.text("rests_in")))
  }

  private func managementFields(
    _ fields: Fields, _ key: String, _ known: [InterfaceField], _ owner: String, statuses: [String] = []
  ) throws(AlreadyReported) -> [Step.ManagementField] {
    guard let own = fields.object(key) else { return [] }
    var result: [Step.ManagementField] = []
    for entry in own.entries {
      guard let field = known.first(where: { $0.name.lowercased() == entry.key }) else {
        let names = known.map { $0.name.lowercased() }
        throw refuse(.managementField(entry.key, owner, names), at: entry.keySpan)
      }
      let text = try own.required(entry.key)
      if field == .status, let code = statuses.firstIndex(of: text) {
        result.append(Step.ManagementField(name: entry.key, value: UInt64(code)))
        continue
      }
      guard let value = try? Scalar.integer(text) else {
        throw refuse(.managementValue(text, entry.key, owner, statuses), at: own.place(entry.key))
      }
      guard field != .status || statuses.isEmpty || value < UInt64(statuses.count) else {
        throw refuse(.managementValue(text, entry.key, owner, statuses), at: own.place(entry.key))
      }
      guard value <= field.valueMax else {
        throw refuse(.outOfRange(entry.key, value, 0...field.valueMax), at: own.place(entry.key))
      }
      result.append(Step.ManagementField(name: entry.key, value: value))
    }
    return result
  }

  private func amuNode(_ fields: Fields) throws(AlreadyReported) -> (String, AMUSettings) {
    let node = try node(fields, "node")
    guard let settings = node.settings, settings.model == .revereAMU else {
      throw refuse(.notAnAMU(node.name), at: fields.place("node"))
    }
    try needModelRoot("a driver's step", at: fields.place("node"))
    return (node.name, settings.amu ?? AMUSettings())
  }

  /// 0 for the physical function, which a step without the key means.
  private func function(_ fields: Fields, _ settings: AMUSettings) throws(AlreadyReported) -> Int {
    guard fields.has("function") else { return 0 }
    return try count(fields, "function", 0...UInt64(settings.virtualFunctions))
  }

  /// `sw` and the number of a software context of the function.
  private func context(_ fields: Fields, _ settings: AMUSettings) throws(AlreadyReported) -> Int {
    let text = try fields.required("ami")
    guard text.hasPrefix("sw"), let number = Int(text.dropFirst(2)), number < settings.softwareContexts,
      text == "sw\(number)"
    else {
      throw refuse(.softwareContext(text, settings.softwareContexts), at: fields.place("ami"))
    }
    return number
  }

  func messageSend(_ fields: Fields) throws(AlreadyReported) -> Step.Action {
    let (node, settings) = try amuNode(fields)
    let source = fields.has("data") ? try data(fields) : nil
    var name: String?
    if let source { name = try save(fields, source) }
    let messages = try count(fields, "messages", 1...1_000_000)
    let accepted = try fields.object("expect")?.value("accepted", Scalar.count)
    if let accepted, accepted > UInt64(messages) {
      throw refuse(
        .outOfRange("accepted", accepted, 0...UInt64(messages)),
        at: fields.object("expect")?.span ?? fields.span)
    }
    return .amsSend(
      Step.MessageSend(
        node: node, function: try function(fields, settings), ami: try context(fields, settings),
        ams: try count(fields, "ams", 0...UInt64(settings.sockets - 1)), messages: messages, data: source,
        buffers: try buffers(fields), save: name, accepted: accepted.map { Int($0) }))
  }

  private func buffers(_ fields: Fields) throws(AlreadyReported) -> BufferRequests? {
    guard let fields = fields.object("buffers") else { return nil }
    let length = try bufferLength(fields, "length")
    return BufferRequests(
      source: try fields.required("source", Scalar.hex),
      destination: try fields.required("destination", Scalar.hex), length: length,
      capacity: fields.has("capacity") ? try bufferLength(fields, "capacity") : length,
      options: fields.has("options") ? try options(fields) : 0)
  }

  private func bufferLength(_ fields: Fields, _ key: String) throws(AlreadyReported) -> UInt32 {
    let bytes = try fields.required(key, Scalar.size)
    guard bytes <= Self.transferMax else {
      throw refuse(.transferSize(bytes, limit: Self.transferMax), at: fields.place(key))
    }
    return UInt32(bytes)
  }

  private func options(_ fields: Fields) throws(AlreadyReported) -> UInt32 {
    let value = try fields.required("options", Scalar.hex)
    guard let options = UInt32(exactly: value) else {
      throw refuse(.tooWide("options", value, bits: 32), at: fields.place("options"))
    }
    return options
  }

  func messageReceive(_ fields: Fields) throws(AlreadyReported) -> Step.Action {
    let (node, settings) = try amuNode(fields)
    let expectation = fields.object("expect")
    var source: DataSource?
    if let expectation, expectation.has("data") { source = try data(expectation) }
    return .amsReceive(
      Step.MessageReceive(
        node: node, function: try function(fields, settings), ami: try context(fields, settings),
        ams: try count(fields, "ams", 0...UInt64(settings.sockets - 1)),
        messages: try count(fields, "messages", 1...1_000_000),
        data: source,
        result: try expectation?.choice("result"), status: try expectation?.choice("status")))
  }
}
