import Endpoints
import LinkBroker
import PCIe
import Simulation

/// What system software does to registers, with the pauses it must keep; other branches go on meanwhile.
struct SoftwareScript {
  /// One thing to do.
  enum Action {
    /// Reads a 16-bit register, changes bits and writes it back.
    case change(FunctionAddress, offset: Int, set: UInt16, clear: UInt16)
    case pause(VirtualDuration)
  }

  private enum Stage {
    case ready
    case reading(RequestOperation)
    case writing(RequestOperation)
    case pausing(until: VirtualTime)
  }

  /// What a message calls the whole.
  let name: String
  private let actions: [Action]
  private var next = 0
  private var stage = Stage.ready

  init(_ name: String, _ actions: [Action]) {
    self.name = name
    self.actions = actions
  }

  /// Whether the present action can go on.
  func canAdvance(_ topology: borrowing CaseTopology) -> Bool {
    switch stage {
    case .ready: true
    case .reading(let operation), .writing(let operation): topology.rootComplex.status(of: operation) != nil
    case .pausing(let until): topology.fabric.now >= until
    }
  }

  /// Goes on as far as it can; true when all is done.
  mutating func advance(_ topology: inout CaseTopology) throws(StepFailure) -> Bool {
    while canAdvance(topology) {
      switch stage {
      case .ready:
        guard next < actions.count else { return true }
        begin(actions[next], &topology)
      case .reading(let operation):
        let result = topology.rootComplex.finish(operation, in: &topology.fabric)
        guard result.status == .successful,
          case .change(let target, let offset, let set, let clear) = actions[next]
        else { throw refused(result.status) }
        let value = UInt16(truncatingIfNeeded: result.value) & ~clear | set
        let bytes = [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
        stage = .writing(
          topology.rootComplex.beginConfigurationWrite(
            to: target, offset: offset, data: bytes, in: &topology.fabric))
      case .writing(let operation):
        let result = topology.rootComplex.finish(operation, in: &topology.fabric)
        guard result.status == .successful else { throw refused(result.status) }
        next += 1
        stage = .ready
      case .pausing:
        next += 1
        stage = .ready
      }
    }
    return false
  }

  private mutating func begin(_ action: Action, _ topology: inout CaseTopology) {
    switch action {
    case .change(let target, let offset, _, _):
      stage = .reading(
        topology.rootComplex.beginConfigurationRead(of: target, offset: offset, size: 2, in: &topology.fabric)
      )
    case .pause(let length):
      stage = .pausing(until: topology.fabric.now + length)
      // Something must happen then, or time would have no reason to get there.
      topology.fabric.setTimer(after: length, node: topology.rootComplex.core.node, token: Self.timerToken)
    }
  }

  /// A token that the root complex has no use for.
  static let timerToken: UInt64 = 1

  private func refused(_ status: RequestStatus) -> StepFailure {
    .expectation("\(name): a register access ended with \(status.text)")
  }
}
