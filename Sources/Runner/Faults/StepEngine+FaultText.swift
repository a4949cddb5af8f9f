import LinkBroker
import PCIe
import RunEvents
import Simulation
import SuiteLanguage

// The failures that faults lead to, in words for somebody who does not know the specification by heart.
extension StepEngine {
  /// The fault with its number, its id and its line.
  func name(_ index: Int) -> String {
    "fault \(index + 1), \(faults.id(index).rawValue) of line \(faults.rules[index].span.start.line),"
  }

  /// What a rule has done to a TLP, by which rule and where that stands.
  func phrase(of index: Int) -> String {
    let rule = faults.rules[index]
    let place = "\(task.plan.source.path):\(rule.span.start.line):\(rule.span.start.column)"
    return "\(rule.participle) by fault \(index + 1), \(faults.id(index).rawValue) (\(place))"
  }

  func neverHit(_ rule: FaultRule, _ index: Int) -> StepFailure {
    var facts = task.plan.source.line(rule.span.start.line).map { ["the rule is: \($0.trimmed)"] } ?? []
    if let yields = topology.fabric.yields(index) {
      facts.append(
        "\(name(yields.to)) struck the same TLP and left it nothing to do, \(yields.count) "
          + "\(yields.count == 1 ? "time" : "times")")
    }
    if topology.fabric.matchCount(index) == 0, case .corrupt(.ecrc, _) = rule.action {
      facts.append(
        "only TLPs with a digest match; ECRC Generation Enable of whoever sends them, bit 6 at 0x18 of its "
          + "AER capability, puts one on")
    }
    return StepFailure(
      type: .neverHit, message: "\(name(index)) was armed and never struck; it saw \(matches(index))",
      facts: facts, subject: faults.id(index).rawValue)
  }

  /// The faults that have not struck by the time something else goes wrong, which is often the cause.
  func unstruckFacts(_ failure: StepFailure) -> [String] {
    guard faults.roles != nil, failure.type != .neverHit else { return [] }
    return faults.rules.indices.filter { topology.fabric.strikeCount($0) == 0 }.map { index in
      "\(name(index)) has not struck; it saw \(matches(index))"
    }
  }

  private func matches(_ index: Int) -> String {
    let matches = topology.fabric.matchCount(index)
    return matches == 1 ? "1 match" : "\(matches) matches"
  }

  func missing(_ violation: Violation, _ demand: FaultDemand, _ strike: Int) -> StepFailure {
    let header = topology.fabric.strikes[strike].header
    let entry = faults.id(demand.rule, striking: header).entry
    var places = demand.places.compactMap { faults.roles?.table[$0] }.map { "\($0.node) (\($0.address))" }
    if places.count > 3 { places = ["one of \(places.count) functions"] }
    var facts: [String] = []
    if let role = demand.role {
      facts.append("\(role.phrase) must report it: PCI Express Base 5.0, \(entry.section)")
      if demand.choices.count > 1 {
        facts.append("one of these is enough: \(demand.choices.map(Self.text).joined(separator: "; "))")
      }
    } else {
      facts.append("the rule's own expect asks for it")
    }
    return StepFailure(
      type: .violation,
      message: "\(name(demand.rule)) must make \(places.joined(separator: " or ")) report "
        + "\(violation.rawValue), and \(violation.bitText) is clear",
      facts: facts + [text(of: strike)], subject: "missing \(violation.rawValue)")
  }

  func surplus(_ violation: Violation, _ record: FunctionRecord) -> StepFailure {
    if let rule = faults.demands.silencer(of: record.place) {
      return StepFailure(
        type: .violation,
        message: "\(name(rule)) expects nothing of \(record.node) (\(record.address)), which has recorded "
          + "\(violation.rawValue), \(violation.bitText)",
        facts: strikeFacts(of: rule), subject: "recorded \(violation.rawValue)")
    }
    var facts: [String] = []
    for index in faults.rules.indices where topology.fabric.strikeCount(index) > 0 {
      let here = faults.demands.all.filter { $0.rule == index && $0.places.contains(record.place) }
      let permitted = here.reduce(into: Set<Violation>()) { all, demand in
        all.formUnion(demand.may)
        for choice in demand.choices { all.formUnion(choice) }
      }
      facts.append(
        "\(name(index)) permits \(permitted.isEmpty ? "nothing" : Self.text(permitted)) there: "
          + "PCI Express Base 5.0, \(faults.id(index).entry.section)")
      facts += strikeFacts(of: index).prefix(1)
    }
    facts.append("allow: [\(violation.rawValue)] in the case would permit it")
    return StepFailure(
      type: .violation,
      message: "the error registers of \(record.node) (\(record.address)) have recorded "
        + "\(violation.rawValue), \(violation.bitText), which nothing in the case permits",
      facts: facts, subject: "recorded \(violation.rawValue)")
  }

  /// The strikes of a rule, the first few of many.
  func strikeFacts(of rule: Int) -> [String] {
    let indexes = topology.fabric.strikes.indices.filter { topology.fabric.strikes[$0].rule == rule }
    let shown = indexes.prefix(3).map { text(of: $0) }
    return indexes.count > 3 ? shown + ["it struck \(indexes.count) times in all"] : shown
  }

  private func text(of index: Int) -> String {
    let strike = topology.fabric.strikes[index]
    let time = TimeSpan(picoseconds: (strike.time - origin).picoseconds)
    var words = "it struck at \(time)"
    if let link = topology.linkNumbers.first(where: { $0.value == strike.link })?.key {
      words += " on \(link), \(strike.isDownstream ? "downstream" : "upstream")"
    }
    if let header = strike.header { words += ": \(TLPText(header).line)" }
    return words
  }

  private static func text(_ violations: Set<Violation>) -> String {
    violations.isEmpty
      ? "nothing" : Violation.allCases.filter(violations.contains).map(\.rawValue).joined(separator: ", ")
  }
}

extension Violation {
  /// The place in the error registers, for messages.
  var bitText: String {
    if let bit = uncorrectableBit { return "bit \(bit) of Uncorrectable Error Status" }
    if let bit = correctableBit { return "bit \(bit) of Correctable Error Status" }
    return "what checkers find"
  }
}

extension FaultRole {
  /// The role with its article, for messages.
  fileprivate var phrase: String {
    switch self {
    case .sender: "the sender"
    case .receiver: "the receiver"
    case .forwarder: "each switch port that passes it on"
    case .requester: "the requester"
    case .completer: "the completer"
    case .portAbove: "the port above the link"
    }
  }
}

extension FaultRule {
  /// What happens to what the rule strikes.
  var participle: String {
    switch action {
    case .drop: "dropped"
    case .delay: "held back"
    case .duplicate: "sent twice"
    case .corrupt: "changed"
    case .poison: "poisoned"
    case .complete(let completion):
      if completion.unasked != nil {
        "sent unasked"
      } else {
        completion.status == .nak ? "refused" : "answered"
      }
    case .starve(let credits): "\(credits.rawValue) credits withheld"
    case .linkDown: "link taken down"
    case .kill(let node): "\(node) cut off"
    case .hang(let node): "\(node) stopped"
    case .perform(let step): "\(step.verb.rawValue) performed"
    }
  }
}

extension String {
  /// Without the spaces around it.
  var trimmed: Substring {
    var rest = self[...]
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return rest
  }
}
