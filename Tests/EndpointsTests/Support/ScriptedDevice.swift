import LinkBroker
import PCIe

/// A device below a root complex that records what comes and sends only what a test tells it.
final class ScriptedDevice: FabricNode {
  struct Arrival: Hashable {
    var header: TLPHeader
    var payload: [UInt8]
  }

  let takesEveryCompletion = true
  var port: FabricPort?
  var arrivals: [Arrival] = []
  /// What registers of function 0 read as, by offset; zero without an entry.
  var registers: [Int: UInt32] = [:]
  /// How many configuration requests are still answered with a retry.
  var retries = 0
  /// Whether configuration requests are answered at all.
  var answersConfiguration = true

  func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) { self.port = port }

  func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    let kind = tlp.header.kind
    if answersConfiguration, kind == .configurationRead0 || kind == .configurationWrite0 {
      answer(tlp.header, in: &fabric)
    } else {
      arrivals.append(Arrival(header: tlp.header, payload: fabric.payloads.copy(tlp.payload)))
    }
    return .consumed
  }

  private func answer(_ request: TLPHeader, in fabric: inout Fabric) {
    guard let port else { return }
    let id = request.destinationID
    if retries > 0 {
      retries -= 1
      return fabric.send(
        FabricTLP(header: .completion(of: request, status: .requestRetry, completer: id)), from: port)
    }
    guard id.function == 0 else {
      return fabric.send(
        FabricTLP(header: .completion(of: request, status: .unsupportedRequest, completer: id)), from: port)
    }
    if request.hasData {
      return fabric.send(
        FabricTLP(header: .completion(of: request, status: .successful, completer: id)), from: port)
    }
    let payload = fabric.payloads.take(bytes: 4)
    fabric.payloads.setWord(payload, to: registers[Int(request.registerOffset)] ?? 0)
    fabric.send(
      FabricTLP(header: .completionWithWord(of: request, completer: id), payload: payload), from: port)
  }

  /// Sends a TLP up.
  func send(_ header: TLPHeader, _ payload: [UInt8] = [], in fabric: inout Fabric) {
    guard let port else { return }
    var reference = PayloadReference.none
    if header.hasData {
      reference = fabric.payloads.take(bytes: payload.count)
      fabric.payloads.write(payload, from: 0, count: payload.count, to: reference)
    }
    fabric.send(FabricTLP(header: header, payload: reference), from: port)
  }

  func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition { receive(tlp, at: port, in: &fabric) }
  func completerID(at port: Int) -> FunctionAddress { FunctionAddress(rawValue: 0x100) }
  func timerFired(_ token: UInt64, in fabric: inout Fabric) {}
  func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {}
  func portDetected(_ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric) {}
}
