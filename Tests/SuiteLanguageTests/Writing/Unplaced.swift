import PCIe

@testable import SuiteLanguage

/// What is read without the places it was read from, for comparing.
private let nowhere = SourceSpan(
  start: SourcePosition(line: 1, column: 1), end: SourcePosition(line: 1, column: 1))

extension Step {
  var unplaced: Step {
    var step = self
    step.span = nowhere
    step.verbSpan = nowhere
    switch action {
    case .repeat(let times, let steps): step.action = .repeat(times: times, steps: steps.map(\.unplaced))
    case .parallel(let branches):
      step.action = .parallel(branches: branches.map { $0.map(\.unplaced) })
    default: break
    }
    return step
  }
}

extension FaultRule {
  var unplaced: FaultRule {
    var rule = self
    rule.span = nowhere
    if case .perform(let step) = action { rule.action = .perform(step.unplaced) }
    return rule
  }
}

extension Topology {
  var unplaced: Topology {
    var topology = self
    for index in topology.nodes.indices {
      topology.nodes[index].span = nowhere
      if case .model(var settings) = topology.nodes[index].player {
        for bar in settings.bars.indices { settings.bars[bar].span = nowhere }
        topology.nodes[index].player = .model(settings)
      }
      if case .board(var board) = topology.nodes[index].player, var function = board.function {
        for bar in function.bars.indices { function.bars[bar].span = nowhere }
        board.function = function
        topology.nodes[index].player = .board(board)
      }
    }
    for index in topology.links.indices { topology.links[index].span = nowhere }
    return topology
  }
}

extension CaseSettings {
  var unplaced: CaseSettings {
    var settings = self
    for index in settings.requirements.indices { settings.requirements[index].span = nowhere }
    return settings
  }
}
