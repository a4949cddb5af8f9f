import PCIe

@testable import Endpoints
@testable import LinkBroker

/// Takes no command after an interrupt that nobody has answered.
final class WaitsForItsHost: WrongEndpoint {
  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    let isCommand = tlp.header.kind == .memoryWrite && tlp.header.address & 0xff == 4
    if isCommand, function.counters.msix > 0 { return .consumed }
    return super.receive(tlp, at: port, in: &fabric)
  }
}

/// Takes the fourth vector of a function for its first.
final class CallsAnotherHandler: StandIn {
  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    if tlp.interrupt == 3 {
      let data = fabric.payloads.word(tlp.payload)
      fabric.payloads.setWord(tlp.payload, to: data &- 3)
    }
    return super.receive(tlp, at: port, in: &fabric)
  }
}

/// Sends a vector that it has to hold back.
final class IgnoresMask: WrongEndpoint {
  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    // Vectors of this function begin with 4.
    if function.isMSIXPending(3) { write(7, to: InterruptTarget.address, in: &fabric) }
    return super.receive(tlp, at: port, in: &fabric)
  }
}

/// Hides what the ordering checker has found.
final class HidesOvertaking: StandIn {
  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    fabric.findings.removeAll { $0.violation == .ordering }
    return super.receive(tlp, at: port, in: &fabric)
  }
}
