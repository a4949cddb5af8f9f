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
    /// Reads a 32-bit register for the check at the end.
    case read(FunctionAddress, offset: Int)
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
  private let check: ErrorRegisterCheck?
  /// What reads have brought.
  private var values: [UInt32] = []

  init(_ name: String, _ actions: [Action], check: ErrorRegisterCheck? = nil) {
    self.name = name
    self.actions = actions
    self.check = check
  }

  /// Whether the present action can go on.
  func canAdvance(_ topology: borrowing CaseTopology) -> Bool {
    switch stage {
    case .ready: true
    case .reading(let operation), .writing(let operation): topology.status(of: operation) != nil
    case .pausing(let until): topology.fabric.now >= until
    }
  }

  /// Goes on as far as it can; true when all is done.
  mutating func advance(_ topology: inout CaseTopology) throws(StepFailure) -> Bool {
    while canAdvance(topology) {
      switch stage {
      case .ready:
        guard next < actions.count else {
          if let failure = check?.failure(values) { throw failure }
          return true
        }
        begin(actions[next], &topology)
      case .reading(let operation):
        let result = topology.host.finish(operation, in: &topology.fabric)
        if case .read = actions[next], result.status == .successful {
          values.append(result.value)
          next += 1
          stage = .ready
          continue
        }
        guard result.status == .successful,
          case .change(let target, let offset, let set, let clear) = actions[next]
        else { throw refused(result.status) }
        let value = UInt16(truncatingIfNeeded: result.value) & ~clear | set
        let bytes = [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
        stage = .writing(
          topology.host.beginConfigurationWrite(
            to: target, offset: offset, data: bytes, timeout: nil, in: &topology.fabric))
      case .writing(let operation):
        let result = topology.host.finish(operation, in: &topology.fabric)
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
        topology.host.beginConfigurationRead(
          of: target, offset: offset, size: 2, timeout: nil, in: &topology.fabric))
    case .read(let target, let offset):
      stage = .reading(
        topology.host.beginConfigurationRead(
          of: target, offset: offset, size: 4, timeout: nil, in: &topology.fabric))
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
