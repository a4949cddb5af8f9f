import PCIe

extension StepBuilder {
  func waitCondition(_ fields: Fields) throws(AlreadyReported) -> WaitCondition {
    if fields.has("console") {
      return .console(node: try consoleNode(fields, "console"), pattern: try fields.required("matches"))
    }
    if fields.has("link") {
      return .link(try link(fields, "link").name, try fields.requiredChoice("state"))
    }
    if fields.has("tests") {
      return .tests(node: try consoleNode(fields, "tests"), try fields.requiredChoice("form"))
    }
    if fields.has("exit") {
      let node = try node(fields, "exit")
      if let model = node.model { throw refuse(.neverExits(node.name, model), at: fields.place("exit")) }
      return .exit(node: node.name, try exitExpectation(fields))
    }
    return try interrupt(fields)
  }

  private func exitExpectation(_ fields: Fields) throws(AlreadyReported) -> ExitExpectation? {
    if let signal: StopSignal = try fields.choice("signal") {
      if fields.has("status") { throw refuse(.statusAndSignal, at: fields.place("signal")) }
      return .signal(signal)
    }
    guard let status = try fields.value("status", Scalar.count) else { return nil }
    guard status <= 255 else {
      throw refuse(.outOfRange("status", status, 0...255), at: fields.place("status"))
    }
    return .status(Int(status))
  }

  private func interrupt(_ fields: Fields) throws(AlreadyReported) -> WaitCondition {
    let target = try node(fields, "at")
    guard target.role == .rootComplex else {
      throw refuse(.interruptTarget(target, topology.root?.name), at: fields.place("at"))
    }
    let function = try fields.value("from", Scalar.function)
    var source: NodeDescription?
    switch function {
    case .node(let name)?: source = try node(named: name, at: fields.place("from"))
    case .port?: throw refuse(.interruptOfPort, at: fields.place("from"))
    case .address?, nil: break
    }
    if !fields.has("msix") {
      needSystem("an interrupt that is no MSI-X", at: fields.place(fields.has("msi") ? "msi" : "intx"))
    }
    if case .address? = function {
      if target.model == nil {
        needSystem("an interrupt of a function by its number", at: fields.place("from"))
      }
      return .interrupt(try signal(fields), at: target.name, from: function)
    }
    // A root port interrupts for errors, by its one vector or by INTA.
    let isRoot = source?.role == .rootComplex && !fields.has("msix")
    if let source, source.role != .endpoint, !isRoot {
      throw refuse(.interruptSource(source), at: fields.place("from"))
    }
    let endpoints = source.map { [$0] } ?? topology.nodes.filter { $0.role == .endpoint }
    if let vector = try fields.value("msix", Scalar.count) {
      return try interrupt(fields, "msix", vector, .msix(vector: Int(clamping: vector)), endpoints) {
        settings in
        settings.msixVectors
      }
    }
    if let vector = try fields.value("msi", Scalar.count) {
      if vector == 0, isRoot || source == nil {
        return .interrupt(.msi(vector: 0), at: target.name, from: function)
      }
      return try interrupt(fields, "msi", vector, .msi(vector: Int(clamping: vector)), endpoints) {
        settings in
        settings.msiVectors
      }
    }
    let pin: InterruptPin = try fields.requiredChoice("intx")
    if !(isRoot && pin == .a), !endpoints.contains(where: { $0.model?.raisesINTx ?? true }) {
      throw refuse(.noINTx(endpoints.map(\.name)), at: fields.place("intx"))
    }
    return .interrupt(.intx(pin), at: target.name, from: function)
  }

  /// An interrupt of a function of which nothing is known.
  private func signal(_ fields: Fields) throws(AlreadyReported) -> InterruptSignal {
    if let vector = try fields.value("msix", Scalar.count) { return .msix(vector: Int(clamping: vector)) }
    if let vector = try fields.value("msi", Scalar.count) { return .msi(vector: Int(clamping: vector)) }
    return .intx(try fields.requiredChoice("intx"))
  }

  /// Checks that one of the endpoints has the vector; a board may have any.
  private func interrupt(
    _ fields: Fields, _ key: String, _ vector: UInt64, _ signal: InterruptSignal,
    _ endpoints: [NodeDescription],
    _ count: (FunctionDescription) -> Int
  ) throws(AlreadyReported) -> WaitCondition {
    let canCome = endpoints.contains { node in node.function.map { vector < UInt64(count($0)) } ?? true }
    guard canCome else {
      let counts = endpoints.map { ($0.name, $0.function.map(count) ?? 0) }
      throw refuse(.cannotCome(key, vector, counts), at: fields.place(key))
    }
    return .interrupt(signal, at: try fields.required("at"), from: try fields.value("from", Scalar.function))
  }

  func check(_ fields: Fields) throws(AlreadyReported) -> Check {
    if fields.has("console") {
      let node = try consoleNode(fields, "console")
      if let pattern = try fields.text("matches") {
        return .console(node: node, pattern: pattern, isPresent: true)
      }
      return .console(node: node, pattern: try fields.required("lacks"), isPresent: false)
    }
    if fields.has("aer") {
      let target = try functionTarget(fields, "aer")
      needSystem("reading error registers", at: fields.place("aer"))
      return .advancedErrorReporting(target, try errorExpectation(fields, target))
    }
    return .counter(try counter(fields), try bound(fields))
  }

  private func errorExpectation(
    _ fields: Fields, _ target: FunctionTarget
  ) throws(AlreadyReported) -> ErrorRegisterExpectation {
    let key = fields.has("has") ? "has" : "lacks"
    let word: String = try fields.required(key)
    guard let bit = ErrorRegisterBit(rawValue: word) else {
      throw refuse(.noViolation(word), at: fields.place(key))
    }
    let source = fields.has("source") ? try functionTarget(fields, "source") : nil
    let expectation = ErrorRegisterExpectation(bit: bit, isPresent: key == "has", source: source)
    switch bit {
    case .violation(let violation):
      if violation.uncorrectableBit == nil, violation.correctableBit == nil {
        throw refuse(.noErrorBit(violation), at: fields.place(key))
      }
      if source != nil { throw refuse(.sourceOfNoMessage(word), at: fields.place("source")) }
    case .message:
      if !isOfRoot(target) { throw refuse(.noRootRegisters(word), at: fields.place("aer")) }
      if source != nil, key == "lacks" { throw refuse(.sourceOfNoMessage(word), at: fields.place("source")) }
    }
    return expectation
  }

  private func isOfRoot(_ target: FunctionTarget) -> Bool {
    switch target {
    case .node(let node), .port(let node, _): topology.node(node)?.role == .rootComplex
    case .address(let address): address.bus == 0
    }
  }

  private func counter(_ fields: Fields) throws(AlreadyReported) -> CounterReference {
    let (owner, word) = try fields.required("counter") { text throws(Message) in
      try Scalar.dotted(text, as: .counter)
    }
    if topology.link(owner) != nil {
      guard let counter = LinkCounter(rawValue: word) else {
        throw refuse(
          .counter(word, "a link", LinkCounter.allCases.map(\.rawValue)), at: fields.place("counter"))
      }
      return .link(owner, counter)
    }
    if topology.node(owner) != nil {
      guard let counter = NodeCounter(rawValue: word) else {
        throw refuse(
          .counter(word, "a node", NodeCounter.allCases.map(\.rawValue)), at: fields.place("counter"))
      }
      return .node(owner, counter)
    }
    let known = topology.links.map(\.name) + topology.nodes.map(\.name)
    throw refuse(.counterOwner(owner, known), at: fields.place("counter"))
  }

  private func bound(_ fields: Fields) throws(AlreadyReported) -> CounterBound {
    if let value = try fields.value("equals", Scalar.count) { return .equals(value) }
    if let value = try fields.value("at_least", Scalar.count) { return .atLeast(value) }
    return .atMost(try fields.required("at_most", Scalar.count))
  }

  func linkChange(_ fields: Fields) throws(AlreadyReported) -> Step.LinkChange {
    let link = try link(fields, "link")
    let state: LinkState = try fields.requiredChoice("state")
    let speed = try fields.value("speed", LinkSpeed.read)
    let width = try fields.value("width", Scalar.count).map { Int(clamping: $0) }
    if state == .down, let key = ["speed", "width"].first(where: fields.has) {
      throw refuse(.downWith(key), at: fields.entry(key)?.keySpan ?? fields.span)
    }
    if let speed, speed > link.speed {
      throw refuse(
        .beyondLink("speed", speed.suiteText, link.speed.suiteText, link.name), at: fields.place("speed"))
    }
    if let width, width > link.width {
      throw refuse(.beyondLink("width", "\(width)", "\(link.width)", link.name), at: fields.place("width"))
    }
    return Step.LinkChange(link: link.name, state: state, speed: speed, width: width)
  }

  func reset(_ fields: Fields) throws(AlreadyReported) -> ResetKind {
    needSystem("a reset", at: fields.span)
    if fields.has("link") { return .hot(link: try link(fields, "link").name) }
    let node = try node(fields, "node")
    guard node.role == .endpoint else { throw refuse(.functionLevelReset(node), at: fields.place("node")) }
    return .functionLevel(node: node.name)
  }
}

extension Model {
  /// Whether the model has an interrupt pin.
  var raisesINTx: Bool {
    switch self {
    case .dmaEndpoint: true
    case .rootComplex, .switch, .memoryMock, .revereAMU, .nvme: false
    }
  }
}
