import LinkBroker
import PCIe
import Simulation
import SuiteLanguage

/// Turns the fault rules of a case into faults of its fabric: names become numbers, and functions are where
/// enumeration found them.
enum FaultCompiler {
  /// The faults of a case, in the order of its rules.
  ///
  /// - Throws: the first rule that names something enumeration did not find.
  static func compile(
    _ rules: [FaultRule], on topology: borrowing CaseTopology, seed: UInt64
  ) throws(FaultCompilerError) -> [LinkFault] {
    var faults: [LinkFault] = []
    for (index, rule) in rules.enumerated() {
      do throws(FaultCompilerError.Reason) {
        var fault = try compile(rule, on: topology)
        fault.seed = FixedHash.seed(seed, rule.trigger.link ?? rule.node ?? "", "rule", "\(index)")
        faults.append(fault)
      } catch {
        throw FaultCompilerError(verb: rule.verb, line: rule.span.start.line, reason: error)
      }
    }
    return faults
  }

  private static func compile(
    _ rule: FaultRule, on topology: borrowing CaseTopology
  ) throws(FaultCompilerError.Reason) -> LinkFault {
    let trigger = rule.trigger
    return LinkFault(
      try action(rule, on: topology), on: try directions(rule, on: topology),
      layer: trigger.layer == .dataLink ? .dataLink : .transaction,
      match: try match(trigger.match, trigger.filter, on: topology),
      selection: trigger.selection.map(LinkFault.Selection.init),
      start: try trigger.after.map { start throws(FaultCompilerError.Reason) in
        try self.start(start, on: topology)
      },
      duration: trigger.duration.map { VirtualDuration(picoseconds: $0.picoseconds) },
      times: trigger.times)
  }

  private static func action(
    _ rule: FaultRule, on topology: borrowing CaseTopology
  ) throws(FaultCompilerError.Reason) -> LinkFault.Action {
    switch rule.action {
    case .drop: return .drop
    case .delay(.time(let least, let most)):
      return .delay(
        VirtualDuration(picoseconds: least.picoseconds)...VirtualDuration(picoseconds: most.picoseconds))
    case .delay(.behind(let word)): return .hold(LinkFault.Behind(word))
    case .duplicate: return .duplicate
    case .corrupt(let field, let value): return .corrupt(LinkFault.Field(field), value: value)
    case .poison: return .poison
    case .complete(let completion): return try self.completion(completion, on: topology)
    case .starve(let credits): return .starve(FlowControlClass(credits))
    case .linkDown: return .linkDown
    case .kill(let node): return .kill(node: try number(of: node, on: topology))
    case .hang(let node): return .hang(node: try number(of: node, on: topology))
    case .perform: return .signal
    }
  }

  private static func completion(
    _ completion: FaultCompletion, on topology: borrowing CaseTopology
  ) throws(FaultCompilerError.Reason) -> LinkFault.Action {
    guard let status = CompletionStatus(completion.status) else { return .nak }
    if let unasked = completion.unasked, let node = completion.node {
      guard let requester = topology.requesterID(of: unasked.requester) else {
        throw .noFunction(unasked.requester)
      }
      return .completeUnasked(
        completer: try number(of: node, on: topology), requester: requester, tag: unasked.tag, status: status)
    }
    if let split = completion.split {
      return .respond(.split(Int(clamping: split.lowerBound)...Int(clamping: split.upperBound)))
    }
    return .respond(.status(status))
  }

  private static func number(
    of node: String, on topology: borrowing CaseTopology
  ) throws(FaultCompilerError.Reason) -> Int {
    guard let number = topology.nodeNumber(node) else { throw .noNode(node) }
    return number
  }
}

// Where and when.
extension FaultCompiler {
  /// The directions that a rule watches: of its link, else those that end at its node.
  private static func directions(
    _ rule: FaultRule, on topology: borrowing CaseTopology
  ) throws(FaultCompilerError.Reason) -> [LinkFault.Direction] {
    if let link = rule.trigger.link {
      return try directions(ofLink: link, from: rule.trigger.sender, on: topology)
    }
    guard case .complete(let completion) = rule.action, let node = completion.node else { return [] }
    if let unasked = completion.unasked {
      return [topology.direction(from: node, towards: unasked.requester)].compactMap(\.self)
    }
    let links = topology.description
    let above = links.linkAbove(node).map { [($0, true)] } ?? []
    let below = links.linksBelow(node).map { ($0, false) }
    return (above + below).compactMap { link, isDownstream in
      let sender = isDownstream ? link.upstream : link.downstream
      if let wanted = rule.trigger.sender, wanted != sender { return nil }
      return topology.linkNumbers[link.name].map { .init(link: $0, isDownstream: isDownstream) }
    }
  }

  private static func directions(
    ofLink name: String, from sender: String?, on topology: borrowing CaseTopology
  ) throws(FaultCompilerError.Reason) -> [LinkFault.Direction] {
    guard let link = topology.description.link(name), let number = topology.linkNumbers[name] else {
      throw .noLink(name)
    }
    let both = [true, false].filter { isDownstream in
      sender.map { $0 == (isDownstream ? link.upstream : link.downstream) } ?? true
    }
    return both.map { .init(link: number, isDownstream: $0) }
  }

  private static func start(
    _ start: FaultTrigger.Start, on topology: borrowing CaseTopology
  ) throws(FaultCompilerError.Reason) -> LinkFault.Start {
    switch start {
    case .time(let time): return .time(VirtualDuration(picoseconds: time.picoseconds))
    case .count(let count, let word, let link, let sender):
      return .count(
        count, .init(.tlps(.init(word))), try directions(ofLink: link, from: sender, on: topology))
    case .console: return .manual
    }
  }

  private static func match(
    _ match: FaultMatch?, _ filter: FaultFilter, on topology: borrowing CaseTopology
  ) throws(FaultCompilerError.Reason) -> LinkFault.Match? {
    var compiled: LinkFault.Match
    switch match {
    case nil: return nil
    case .tlp(let word): compiled = .init(.tlps(.init(word)))
    case .dllp(let word): compiled = .init(.dllps(.init(word)))
    case .msix(let vector): compiled = .init(.interrupt(vector: vector))
    }
    switch filter.addresses {
    case nil: break
    case .range(let range): compiled.address = range
    case .region(let node, let region):
      guard let range = topology.addresses(of: node, region) else { throw .noRegion(node, region.name) }
      compiled.address = range
    }
    compiled.length = filter.length.map { Int(clamping: $0.lowerBound)...Int(clamping: $0.upperBound) }
    compiled.tag = filter.tag
    if let node = filter.requester {
      guard let requester = topology.requesterID(of: node) else { throw .noFunction(node) }
      compiled.requester = requester
    }
    return compiled
  }
}
