import LinkBroker
import PCIe

@testable import Endpoints

/// An endpoint with a wrong habit.
class WrongEndpoint: StandIn {
  var function: Function {
    guard let endpoint = model as? any Endpoint else { preconditionFailure("it stands before an endpoint") }
    return endpoint.function
  }

  /// Writes to memory, whatever the function may do.
  final func write(_ word: UInt32, to address: UInt64, in fabric: inout Fabric) {
    guard let port = function.port else { return }
    let payload = fabric.payloads.take(bytes: 4)
    fabric.payloads.setWord(payload, to: word)
    let header = TLPHeader.memoryWrite(address: address, bytes: 4, requester: function.id)
    fabric.send(FabricTLP(header: header, payload: payload), from: port)
  }
}

/// Reports nothing of what its port finds.
final class IgnoresPortErrors: StandIn {
  override func portDetected(
    _ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric
  ) {}
}

/// Reports whatever its port finds as an unsupported request.
final class SetsWrongBit: StandIn {
  override func portDetected(
    _ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric
  ) {
    super.portDetected(.unsupportedRequest, in: header, at: port, in: &fabric)
  }
}

/// Sets one error bit more with each write that it takes.
final class SetsSurplusBit: WrongEndpoint {
  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    if tlp.header.kind == .memoryWrite { _ = function.space.log(.correctedInternal) }
    return super.receive(tlp, at: port, in: &fabric)
  }
}

/// Aborts what it is to refuse.
final class AnswersAnother: StandIn {
  override func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    super.respond(to: tlp, with: .status(.completerAbort), at: port, in: &fabric)
  }
}

/// Answers with an error and records none.
final class AnswersWithoutRecord: WrongEndpoint {
  override func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    guard case .status(let status) = response, let port = function.port else { return .consumed }
    let header = TLPHeader.completion(of: tlp.header, status: status, completer: function.id)
    fabric.send(FabricTLP(header: header), from: port)
    return .consumed
  }
}
