import PCIe

/// Builds the steps of one instance and checks them against its topology.
final class StepBuilder {
  let topology: Topology
  let sink: DiagnosticSink
  let values: [String: Node]
  let instance: InstanceName
  let allowed: Set<Violation>
  /// Lengths of what has been saved so far, nil inside for a length that only the run knows.
  var saved: [String: UInt64?]
  /// The step being built, for its place and the matrix keys it uses.
  private(set) var current = CurrentStep()
  /// What was built that needs the harness to be the system software.
  private(set) var systemNeeds: [SystemNeed] = []

  /// No single transfer of a step is larger.
  static let transferMax: UInt64 = 256 << 20

  /// What messages need to know of the step being built.
  struct CurrentStep {
    var verbSpan = SourceSpan(
      start: SourcePosition(line: 1, column: 1), end: SourcePosition(line: 1, column: 1))
    /// Matrix keys that the step refers to.
    var references: [String] = []
    var isVarying = false
  }

  init(
    topology: Topology, values: [String: Node], instance: InstanceName, allowed: Set<Violation>,
    saved: [String: UInt64?], sink: DiagnosticSink
  ) {
    self.topology = topology
    self.values = values
    self.instance = instance
    self.allowed = allowed
    self.saved = saved
    self.sink = sink
  }

  /// Builds a list of steps; what is wrong has been reported and is left out.
  func build(_ list: Node?) -> [Step] {
    var steps: [Step] = []
    for item in list?.items ?? [] {
      do throws(AlreadyReported) { steps.append(try build(step: item)) } catch { continue }
    }
    return steps
  }

  func build(step node: Node) throws(AlreadyReported) -> Step {
    guard let entry = node.entries?.first, let verb = Verb(rawValue: entry.key) else {
      throw AlreadyReported()
    }
    // The steps inside are entered one by one.
    if verb != .repeat, verb != .parallel { enter(entry) }
    let fields = Fields(entry.value, span: entry.keySpan, values: values)
    do throws(AlreadyReported) {
      let action = try buildAction(verb, fields)
      return Step(
        action: action, timeout: try fields.value("timeout", Scalar.duration),
        span: SourceSpan(start: entry.keySpan.start, end: entry.value.span.end), verbSpan: entry.keySpan)
    } catch {
      // A later use of the name must not be reported as well.
      if let name = try? fields.text("save"), saved[name] == nil { saved[name] = .some(nil) }
      throw error
    }
  }

  /// Makes a step or fault rule the one that findings are about.
  func enter(_ entry: Entry) {
    current = CurrentStep(verbSpan: entry.keySpan)
    guard instance.hasMatrix else { return }
    Self.collectReferences(entry.value, &current.references)
    current.isVarying = !current.references.isEmpty || instance.topologyVaries
  }

  private static func collectReferences(_ node: Node, _ names: inout [String]) {
    switch node.content {
    case .text(let text):
      if ReferenceScope.isReference(text) { names.append(ReferenceScope.name(of: text)) }
    case .list(let items): for item in items { collectReferences(item, &names) }
    case .map(let entries): for entry in entries { collectReferences(entry.value, &names) }
    case .refused: break
    }
  }

  private func buildAction(_ verb: Verb, _ fields: Fields) throws(AlreadyReported) -> Step.Action {
    switch verb {
    case .configurationRead: return try configurationRead(fields)
    case .configurationWrite: return try configurationWrite(fields)
    case .memoryRead: return try memoryRead(fields)
    case .memoryWrite: return try memoryWrite(fields)
    case .dmaRead: return try dmaRead(fields)
    case .dmaWrite: return try dmaWrite(fields)
    case .msix: return try msix(fields)
    case .wait: return .wait(try waitCondition(fields))
    case .send:
      return .send(Step.ConsoleLine(node: try consoleNode(fields, "to"), line: try fields.required("line")))
    case .expect: return .expect(try check(fields))
    case .link: return .link(try linkChange(fields))
    case .reset: return .reset(try reset(fields))
    case .translate: return .translate(try translationChange(fields))
    case .start: return .start(node: try node(fields, "node").name)
    case .stop: return .stop(node: try node(fields, "node").name)
    case .amu: return try managementStep(fields)
    case .amsSend: return try messageSend(fields)
    case .amsReceive: return try messageReceive(fields)
    case .repeat: return try repetition(fields)
    case .parallel: return parallel(fields)
    case .note: return .note(try fields.required("text"))
    }
  }

  private func repetition(_ fields: Fields) throws(AlreadyReported) -> Step.Action {
    let times = try count(fields, "times", 1...1_000_000)
    return .repeat(times: times, steps: build(fields.entry("steps")?.value))
  }

  /// Branches run side by side, so none sees what another saves; afterwards all of it is there.
  private func parallel(_ fields: Fields) -> Step.Action {
    let before = saved
    var after = saved
    var branches: [[Step]] = []
    for branch in fields.entry("branches")?.value.items ?? [] {
      saved = before
      branches.append(build(branch))
      after.merge(saved) { $1 }
    }
    saved = after
    return .parallel(branches: branches)
  }

  /// Reports a finding, naming the instance when the step can differ between instances.
  func report(_ message: Message, at span: SourceSpan, notes: [Diagnostic.Note] = [], weight: UInt64 = 0) {
    var message = message
    if current.isVarying { message.text = "in \(instance.local): \(message.text)" }
    sink.report(message, at: span, notes: notes, weight: weight, isRepeatable: instance.hasMatrix)
  }

  /// Reports a finding that leaves no value to go on with.
  func refuse(_ message: Message, at span: SourceSpan) -> AlreadyReported {
    report(message, at: span)
    return AlreadyReported()
  }

  /// A count within bounds.
  func count(_ fields: Fields, _ key: String, _ range: ClosedRange<UInt64>) throws(AlreadyReported) -> Int {
    let value = try fields.required(key, Scalar.count)
    guard range.contains(value) else { throw refuse(.outOfRange(key, value, range), at: fields.place(key)) }
    return Int(value)
  }

  /// The node that a key names.
  func node(_ fields: Fields, _ key: String) throws(AlreadyReported) -> NodeDescription {
    try node(named: try fields.required(key), at: fields.place(key))
  }

  func node(named name: String, at place: SourceSpan) throws(AlreadyReported) -> NodeDescription {
    guard let node = topology.node(name) else {
      throw refuse(.unknownName("node", name, among: topology.nodes.map(\.name)), at: place)
    }
    return node
  }

  /// The link that a key names.
  func link(_ fields: Fields, _ key: String) throws(AlreadyReported) -> LinkDescription {
    let name = try fields.required(key)
    guard let link = topology.link(name) else {
      throw refuse(.unknownName("link", name, among: topology.links.map(\.name)), at: fields.place(key))
    }
    return link
  }

  /// A node with a console: one that a simulator plays.
  func consoleNode(_ fields: Fields, _ key: String) throws(AlreadyReported) -> String {
    let node = try node(fields, key)
    if let model = node.model { throw refuse(.noConsole(node.name, model), at: fields.place(key)) }
    return node.name
  }

  /// Refuses what only the model can do or knows where a program is the root complex.
  func needModelRoot(_ what: String, at place: SourceSpan) throws(AlreadyReported) {
    guard let root = topology.root, root.model == nil else { return }
    throw refuse(.needsModelRoot(what, root.name), at: place)
  }

  /// Notes what only the system software can do or knows; of a program's board is seen later who that is.
  func needSystem(_ what: String, at place: SourceSpan) {
    guard let root = topology.root, root.model == nil else { return }
    systemNeeds.append(SystemNeed(what: what, span: place))
  }

  /// A built-in model that can send requests.
  func requester(_ fields: Fields, _ roles: Set<NodeDescription.Role>) throws(AlreadyReported)
    -> NodeDescription
  {
    let node = try node(fields, "by")
    // Software on a host is asked by its agent, where its board has one.
    guard node.model != nil || node.role == .rootComplex else {
      throw refuse(.notDrivable(node.name), at: fields.place("by"))
    }
    guard roles.contains(node.role) else {
      guard node.model != nil else { throw refuse(.notDrivable(node.name), at: fields.place("by")) }
      let fitting = topology.nodes.filter { roles.contains($0.role) && $0.model != nil }.map(\.name)
      throw refuse(.requester(node, roles, fitting), at: fields.place("by"))
    }
    return node
  }
}

/// How messages and reports name an instance.
struct InstanceName {
  var suite: String
  var caseName: String
  var assignment: [CaseInstance.Assignment]
  /// True when the suite's matrix has several assignments, so that topologies may differ.
  var topologyVaries: Bool

  var hasMatrix: Bool { !assignment.isEmpty }

  /// `case[key=value,…]`.
  var local: String {
    if assignment.isEmpty { return caseName }
    return caseName + "[" + assignment.map { "\($0.key)=\($0.value)" }.joined(separator: ",") + "]"
  }

  /// `suite.case[key=value,…]`.
  var id: String { "\(suite).\(local)" }
}
