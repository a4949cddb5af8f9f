import Endpoints
import LinkBroker
import Nodes
import PCIe
import RunEvents
import Simulation
import SuiteLanguage
import Transports

/// What system software does when something has come, or is to go.
enum SystemWork {
  case everything
  /// Something has come to the slot of a port.
  case arrival(FunctionAddress)
  /// Somebody wants to take out what is there.
  case removal(FunctionAddress)
}

// QEMU without a guest, of which the harness plays the processor.
extension StepEngine {
  /// Finds and sets up what is below a host that is there now, and has no software of its own.
  mutating func setUp(_ node: OutsideNode) throws(StepFailure) { try perform(.everything, at: node) }

  /// Does what the software of a host would do, where the harness is its processor.
  mutating func perform(_ work: SystemWork, at node: OutsideNode) throws(StepFailure) {
    guard let processor = node.processor, let outside = topology.outside else { return }
    let (clock, deadline) = (clock, VirtualTime(picoseconds: caseDeadline))
    processor.pump = { outside.pump(&$0, on: clock, until: deadline) }
    defer { processor.pump = { _ in false } }
    do throws(EnumerationError) {
      switch work {
      case .everything: try topology.scan()
      case .arrival(let port): try topology.scan(below: port)
      case .removal(let port): try topology.setPower(false, of: port)
      }
    } catch {
      // Whoever hangs up is about to end, and that is what has happened then.
      while processor.failure == .hungUp, node.end == nil {
        guard processor.proceed(in: &topology.fabric) else { break }
      }
      if let end = node.end {
        throw StepFailure(
          type: .violation, message: "\(node.name) \(end.ending) while it was set up",
          facts: ["enumeration: \(error)"], subject: "node-exit")
      }
      let cause = processor.failure.map { "; \($0)" } ?? ""
      throw .expectation("enumeration: \(error)\(cause)")
    }
  }

  /// Reports once what has gone wrong with a processor, but for an end of the process itself.
  mutating func noticeProcessor(of node: OutsideNode) {
    guard let failure = node.processor?.takeFailure(), failure != .hungUp else { return }
    topology.fabric.report(
      LinkBroker.Finding(
        time: topology.fabric.now, violation: .nodeProtocol, node: node.number, text: "\(failure)"))
  }
}
