import Endpoints
import LinkBroker
import Nodes
import PCIe
import RunEvents
import Simulation
import SuiteLanguage
import Transports

// QEMU without a guest, of which the harness plays the processor.
extension StepEngine {
  /// Finds and sets up what is below a host that is there now, and has no software of its own.
  mutating func setUp(_ node: OutsideNode) throws(StepFailure) {
    guard let processor = node.processor, let outside = topology.outside else { return }
    let (clock, deadline) = (clock, VirtualTime(picoseconds: caseDeadline))
    processor.pump = { outside.pump(&$0, on: clock, until: deadline) }
    defer { processor.pump = { _ in false } }
    do throws(EnumerationError) { try topology.scan() } catch {
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
