import Nodes
import RunEvents
import SuiteLanguage

// The end of a case's processes, and what they print.
extension OutsideNodes {
  static func tell(
    _ lines: [Nodes.ConsoleLine], of node: OutsideNode, on clock: CaseClock, emit: StepEngine.Emit
  ) {
    for line in lines {
      let record = RunEvents.ConsoleLine(
        node: node.name, text: line.text, omittedBytes: line.omittedBytes)
      emit(.consoleLine(record), clock.picoseconds(line.time))
    }
  }

  /// Tells what processes that stay have printed last.
  func tellTails(on clock: CaseClock, emit: StepEngine.Emit) {
    for node in nodes { Self.tell(node.withConsole { $0.takeTail() }, of: node, on: clock, emit: emit) }
  }

  /// Ends all processes, and tells what they printed last and what they left behind.
  ///
  /// - Returns: what was left behind, by the names of the nodes.
  func end(on clock: CaseClock, emit: StepEngine.Emit) throws(StepFailure) -> [Leak] {
    do throws(SystemError) { try end() } catch { throw .trouble(.harness, "\(error)") }
    var leaks: [Leak] = []
    let time = clock.picoseconds(.now)
    for node in nodes {
      Self.tell(node.withConsole { $0.takeTail() }, of: node, on: clock, emit: emit)
      if node.wasForced {
        let stop = "\(node.board.stop.grace) of SIG\(node.board.stop.signal.rawValue)"
        emit(.note(Note("\(node.name) did not end within \(stop) and was killed")), time)
      }
      leaks += node.left.map {
        Leak(node: node.name, pid: $0.pid, command: $0.command, killed: $0.isGone)
      }
    }
    for leak in leaks { emit(.leak(leak), time) }
    return leaks
  }
}
