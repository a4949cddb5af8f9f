import PCIe

@testable import Endpoints
@testable import LinkBroker

/// Keeps one kind of error of its ports to itself.
final class KeepsToItself: StandIn {
  private let violation: Violation

  init(_ model: any FabricNode, _ violation: Violation) {
    self.violation = violation
    super.init(model)
  }

  override func portDetected(
    _ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric
  ) {
    if violation != self.violation { super.portDetected(violation, in: header, at: port, in: &fabric) }
  }
}

/// Takes the second command again when it comes again with the same sequence number.
final class TakesDuplicates: WrongEndpoint {
  private var hasTaken = false

  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    if !hasTaken, tlp.header.kind == .memoryWrite, tlp.header.address & 0xff == 4, let port = function.port {
      hasTaken = true
      goBack(port.outgoing, in: &fabric)
    }
    return super.receive(tlp, at: port, in: &fabric)
  }

  /// Expects the sequence number of the last TLP once more.
  private func goBack(_ port: Int, in fabric: inout Fabric) {
    let last = fabric.ports[port].receiver.lastAccepted
    fabric.ports[port].receiver = SequenceReceiver()
    for sequence in 0..<last { _ = fabric.ports[port].receiver.judge(sequence, .good, isRefused: false) }
  }
}

/// Sends another Nak with the first TLP that it accepts after one that was bad.
final class SendsTwoNaks: WrongEndpoint {
  private var hasSent = true

  override func portDetected(
    _ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric
  ) {
    hasSent = false
    super.portDetected(violation, in: header, at: port, in: &fabric)
  }

  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    if !hasSent, let port = function.port {
      hasSent = true
      fabric.schedule(.nak, port.outgoing)
    }
    return super.receive(tlp, at: port, in: &fabric)
  }
}

/// A port that drops what is bad and sends no Nak.
final class SendsNoNak: FrameDisturbance {
  func touch(_ frame: inout LinkFrame, link: Int, isDownstream: Bool) {
    if let word = frame.dllp, case .nak = try? DLLP(word: word) { frame.isLost = true }
  }
}

/// A port that sends no Ack.
final class SendsNoAck: FrameDisturbance {
  func touch(_ frame: inout LinkFrame, link: Int, isDownstream: Bool) {
    if let word = frame.dllp, case .ack = try? DLLP(word: word) { frame.isLost = true }
  }
}

/// A port that does not send again what it has sent.
final class ReplaysNothing: FrameDisturbance {
  func touch(_ frame: inout LinkFrame, link: Int, isDownstream: Bool) {
    if frame.isReplay { frame.isLost = true }
  }
}

/// A port that takes a TLP with EDB for another one than it is.
final class MisreadsEDB: FrameDisturbance {
  private let read: LinkFrame.Check
  private let taken: LinkFrame.Check

  init(_ read: LinkFrame.Check, as taken: LinkFrame.Check) {
    self.read = read
    self.taken = taken
  }

  func touch(_ frame: inout LinkFrame, link: Int, isDownstream: Bool) {
    if frame.check == read { frame.check = taken }
  }
}
