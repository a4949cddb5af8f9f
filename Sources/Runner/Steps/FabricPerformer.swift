import Endpoints
public import LinkBroker
import Nodes
public import RunEvents
import Simulation
import SuiteLanguage

/// Performs cases on a fabric of their own, in virtual time where all nodes are models.
public struct FabricPerformer: CasePerformer {
  /// The most TLPs that a failure shows of each link.
  static let tlpsShownMax = 8

  private let nodes: any NodeSource
  public private(set) var capture: LinkCapture?
  /// The last capture, whose memory the next one takes over.
  private var spare: LinkCapture?

  /// What the last case has left for the next one.
  private let kept = KeptTopology()

  /// Whether every child of this process belongs to the case, so that a stray one is a leak.
  private let ownsProcess: Bool

  /// Makes a performer of the product's models.
  public init() { self.init(nodes: ProductNodes()) }

  /// Makes a performer of models from elsewhere.
  init(nodes: any NodeSource, ownsProcess: Bool = false) {
    self.nodes = nodes
    self.ownsProcess = ownsProcess
  }

  public mutating func perform(
    _ task: CaseTask, emit: (Event.Kind, _ picoseconds: UInt64) -> Void
  ) -> CaseOutcome {
    if let last = capture.take() { spare = last }
    if let topology = goOn(with: task, emit: emit) {
      return run(StepEngine(topology: topology, task: task), task, emit: emit)
    }
    var outside: OutsideNodes?
    do throws(NodeProblem) {
      if task.instance.hasOutsideNodes { outside = try OutsideNodes(task) }
    } catch {
      return outcome(of: StepFailure.trouble(.simulator, "\(error)").about(error.node), task)
    }
    do throws(StepFailure) {
      try outside?.meet(task)
      let topology = try topology(of: task, outside)
      return run(StepEngine(topology: topology, task: task), task, emit: emit)
    } catch {
      if let outside {
        _ = end(outside, on: CaseClock(origin: .zero, start: outside.start), emit: emit)
      }
      return outcome(of: error, task)
    }
  }

  /// The topology of the last case, brought back to what it was; nil where a new one is to be made.
  private func goOn(with task: CaseTask, emit: StepEngine.Emit) -> CaseTopology? {
    guard let topology = kept.take(), let outside = topology.outside else { return nil }
    let isSame = kept.serves(task)
    outside.start = .now
    var engine = StepEngine(topology: topology, task: task)
    var reason = isSame ? engine.renew(emit: emit) : nil
    if isSame, reason == nil {
      outside.start = .now
      return engine.topology
    }
    if let failure = end(outside, on: engine.clock, emit: emit) {
      reason = [reason, failure.message].compactMap(\.self).joined(separator: "; ")
    }
    if let reason { emit(.note(Note("\(outside.names) starts anew: \(reason)")), 0) }
    return nil
  }

  /// The outcome of a case that has failed before its first step.
  private func outcome(of failure: StepFailure, _ task: CaseTask) -> CaseOutcome {
    let topology = task.instance.topology
    var outcome = CaseOutcome(failure.verdict, message: failure.message)
    var detail = FailureDetail(facts: failure.facts, nodes: topology.nodes.map(\.name))
    detail.subject = failure.subject
    if let span = failure.node.flatMap(topology.node)?.span {
      detail.step = StepPlace(
        span: RunEvents.SourceSpan(span), excerpt: task.plan.source.line(span.start.line) ?? "")
    }
    outcome.failure = detail
    return outcome
  }

  /// The topology of a case as it is when its first step begins.
  private func topology(
    of task: CaseTask, _ outside: OutsideNodes?
  ) throws(StepFailure) -> CaseTopology {
    var topology: CaseTopology
    do throws(TopologyError) {
      topology = try CaseTopology.build(task.instance.wiring, seed: task.seed, from: nodes, outside: outside)
    } catch { throw .trouble(.harness, "\(error)") }
    // What goes wrong there is the tested side's fault.
    do throws(EnumerationError) { try topology.enumerate() } catch {
      throw .expectation("enumeration: \(error)")
    }
    try outside?.welcome(topology)
    return topology
  }

  /// Ends all processes of the case, and gives what they have left behind, which fails it.
  private func end(
    _ outside: OutsideNodes, on clock: CaseClock, emit: (Event.Kind, UInt64) -> Void
  ) -> StepFailure? {
    do throws(StepFailure) {
      var leaks = try outside.end(on: clock, emit: emit)
      if ownsProcess {
        for stray in ProcessTree.sweep() {
          let leak = Leak(
            node: outside.names, pid: stray.pid, command: stray.command, killed: stray.isGone)
          leaks.append(leak)
          emit(.leak(leak), clock.picoseconds(.now))
        }
      }
      guard let first = leaks.first else { return nil }
      let more = leaks.count > 1 ? " and \(leaks.count - 1) more" : ""
      return StepFailure(
        type: .leak,
        message: "\(first.node) left a process behind: pid \(first.pid) '\(first.command)'\(more)")
    } catch { return error }
  }

  private mutating func run(
    _ engine: consuming StepEngine, _ task: CaseTask, emit: (Event.Kind, UInt64) -> Void
  ) -> CaseOutcome {
    var outcome = CaseOutcome(.passed)
    if let wanted = task.capture { engine.startCapture(wanted, reusing: spare.take()) }
    do throws(StepFailure) {
      try engine.perform(emit: emit)
    } catch {
      outcome.verdict = error.verdict
      outcome.message = error.message
      var failure = error
      // What a checker saw before the step failed is often the cause.
      if let found = engine.tellFindings(emit: emit) { failure.facts.append("before that: \(found.message)") }
      failure.facts += engine.unstruckFacts(error)
      outcome.failure = engine.detail(of: failure)
      if let failed = engine.failed {
        emit(.stepEnded(StepEnded(index: failed.index, status: .failed)), engine.time)
      }
      for index in engine.cutShort {
        emit(.stepEnded(StepEnded(index: index, status: .cancelled)), engine.time)
      }
      engine.tellWire(emit: emit)
    }
    let stays = task.keepsRoot && outcome.verdict == .passed && engine.mayStay
    if stays {
      engine.topology.outside?.tellTails(on: engine.clock, emit: emit)
    } else if let outside = engine.topology.outside,
      let failure = end(outside, on: engine.clock, emit: emit), outcome.verdict == .passed
    {
      outcome.verdict = failure.verdict
      outcome.message = failure.message
      if failure.trouble == nil {
        outcome.failure = engine.detail(of: failure)
        engine.tellWire(emit: emit)
      }
    }
    if !engine.faults.rules.isEmpty { outcome.faults = engine.tally(hasPassed: outcome.verdict == .passed) }
    outcome.duration = engine.duration
    outcome.counts = engine.counts
    outcome.counts.tlps = engine.topology.tlpCount
    capture = engine.topology.fabric.endCapture()
    if stays { kept.put(engine.topology, of: task) }
    return outcome
  }
}

// What a failure shows.
extension StepEngine {
  func detail(of failure: StepFailure) -> FailureDetail {
    var detail = FailureDetail(
      facts: failure.facts, nodes: topology.description.nodes.map(\.name))
    detail.subject = failure.subject
    if let failed {
      let span = failed.step.verbSpan
      detail.step = StepPlace(
        index: failed.index, span: RunEvents.SourceSpan(span),
        excerpt: task.plan.source.line(span.start.line) ?? "")
    }
    for link in topology.description.links {
      guard let number = topology.linkNumbers[link.name] else { continue }
      detail.links.append(LinkTotal(link: link.name, tlps: topology.fabric.history(ofLink: number).total))
    }
    return detail
  }

  /// Tells the last TLPs of each link, all on the clock of the case.
  func tellWire(emit: Emit) {
    for link in topology.description.links {
      guard let number = topology.linkNumbers[link.name] else { continue }
      for record in topology.fabric.history(ofLink: number).ordered.suffix(FabricPerformer.tlpsShownMax) {
        emit(
          .tlp(
            TLPRecord(
              record, link: link.name, upstream: link.upstream, downstream: link.downstream,
              fault: record.fault.map { phrase(of: $0) })),
          (record.time - origin).picoseconds)
      }
    }
  }
}
