/// Builds a board whose shape has been checked.
struct BoardBuilder {
  let sink: DiagnosticSink

  func build(_ fields: Fields) throws(AlreadyReported) -> Board? {
    let before = sink.errorCount
    guard let launchFields = fields.object("launch") else { throw AlreadyReported() }
    let launch = try launch(launchFields)
    let console: BoardConsole = try fields.choice("console") ?? .pty
    let board = Board(
      name: try fields.required("board"), about: try fields.text("about"),
      architecture: try fields.required("arch"), simulator: try fields.required("simulator"),
      requirements: try RequirementBuilder.build(fields), launch: launch, console: console,
      reach: try BoardReach(
        wire: fields.choice("wire") ?? .pcieLink, call: fields.choice("call"), agent: fields.choice("agent"),
        monitor: monitor(fields)),
      ready: try ready(fields), stop: try stop(fields),
      timeoutScale: try fields.value("timeout_scale", Scalar.factor) ?? 1000, needs: try needs(fields))
    let asksForTests = launch.arguments.contains { $0.pieces.contains(.reference(.qtest)) }
    if board.reach.agent?.isSystem ?? false, !asksForTests {
      sink.report(.noTestSocket, at: fields.place("agent"))
    } else if asksForTests, !(board.reach.agent?.isSystem ?? false) {
      sink.report(.noTestAgent, at: fields.place("launch"))
    }
    let asksForMonitor = launch.arguments.contains { $0.pieces.contains(.reference(.monitor)) }
    if (board.reach.monitor != nil) != asksForMonitor {
      sink.report(
        .monitorHalf(isAsked: asksForMonitor), at: fields.place(asksForMonitor ? "launch" : "monitor"))
    }
    return sink.errorCount == before ? board : nil
  }

  private func launch(_ fields: Fields) throws(AlreadyReported) -> BoardLaunch {
    var environment: [BoardVariable] = []
    for entry in fields.entry("env")?.value.entries ?? [] {
      environment.append(
        BoardVariable(name: entry.key, value: try argument(entry.value, [.image, .console, .host, .port])))
    }
    guard let program = fields.entry("program")?.value else { throw AlreadyReported() }
    return BoardLaunch(
      program: try argument(program, [.image]),
      arguments: try arguments(
        fields, "args", [.image, .console, .host, .port, .qtest, .monitor, .accelerator]),
      argumentsPerLink: try arguments(fields, "per_link", [.image, .console, .socket, .host, .port, .index]),
      argumentsPerDevice: try arguments(fields, "per_device", [.socket, .index]),
      environment: environment)
  }

  private func arguments(
    _ fields: Fields, _ key: String, _ allowed: [BoardReference]
  ) throws(AlreadyReported) -> [BoardArgument] {
    var arguments: [BoardArgument] = []
    for group in fields.entry(key)?.value.items ?? [] {
      for item in group.items ?? [] { arguments.append(try argument(item, allowed)) }
    }
    return arguments
  }

  private func argument(_ node: Node, _ allowed: [BoardReference]) throws(AlreadyReported) -> BoardArgument {
    let pieces = node.value("join")?.items ?? [node]
    var argument = BoardArgument(pieces: [])
    for piece in pieces {
      guard let text = piece.text else { throw AlreadyReported() }
      guard ReferenceScope.isReference(text) else {
        argument.pieces.append(.text(text))
        continue
      }
      guard let reference = BoardReference(rawValue: ReferenceScope.name(of: text)) else {
        throw AlreadyReported()
      }
      if !allowed.contains(reference) {
        sink.report(.boardReference(text, allowed.map { "$" + $0.rawValue }), at: piece.span)
      }
      argument.pieces.append(.reference(reference))
    }
    return argument
  }

  private func monitor(_ fields: Fields) throws(AlreadyReported) -> BoardMonitor? {
    guard let own = fields.object("monitor") else { return nil }
    guard let plug = own.entry("plug")?.value, let unplug = own.entry("unplug")?.value else {
      throw AlreadyReported()
    }
    return BoardMonitor(plug: try argument(plug, [.socket, .index]), unplug: try argument(unplug, [.index]))
  }

  private func ready(_ fields: Fields) throws(AlreadyReported) -> BoardReady? {
    guard let own = fields.object("ready") else { return nil }
    return BoardReady(
      pattern: try own.required("matches"), timeout: try own.required("timeout", Scalar.duration))
  }

  private func stop(_ fields: Fields) throws(AlreadyReported) -> BoardStop {
    guard let own = fields.object("stop") else { return BoardStop(signal: .terminate, grace: .seconds(2)) }
    return BoardStop(
      signal: try own.requiredChoice("signal"), grace: try own.required("grace", Scalar.duration))
  }

  private func needs(_ fields: Fields) throws(AlreadyReported) -> BoardNeeds {
    guard let own = fields.object("needs") else { return BoardNeeds(cores: 1, memory: 0) }
    let cores = try own.required("cores", Scalar.count)
    if cores == 0 || cores > 1024 {
      sink.report(.outOfRange("cores", cores, 1...1024), at: own.place("cores"))
    }
    return BoardNeeds(cores: Int(clamping: cores), memory: try own.required("memory", Scalar.size))
  }
}
