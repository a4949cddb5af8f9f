import LinkBroker
import PCIe
import Simulation

/// A node that records what reaches it and does what a test tells it.
final class ScriptedNode: FabricNode {
  struct Arrival {
    var time: VirtualTime
    var header: TLPHeader
    var payload: [UInt8]
  }

  var port: FabricPort?
  var arrivals: [Arrival] = []
  var changes: [LinkChange] = []
  var detected: [Violation] = []
  var timers: [UInt64] = []
  /// How a fault told it to answer.
  var responses: [LinkFault.Response] = []
  /// Holds what arrives instead of consuming it, as a congested switch does.
  var holds = false
  var held: [FabricTLP] = []
  let takesEveryCompletion: Bool

  init(takesEveryCompletion: Bool = true) { self.takesEveryCompletion = takesEveryCompletion }

  func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) { self.port = port }

  func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    arrivals.append(
      Arrival(time: fabric.now, header: tlp.header, payload: fabric.payloads.copy(tlp.payload)))
    guard holds else { return .consumed }
    held.append(tlp)
    return .forwarded
  }

  func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    responses.append(response)
    return receive(tlp, at: port, in: &fabric)
  }

  func completerID(at port: Int) -> FunctionAddress { FunctionAddress(bus: 1, device: 0, function: 0) }

  func timerFired(_ token: UInt64, in fabric: inout Fabric) { timers.append(token) }
  func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) { changes.append(change) }

  func portDetected(_ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric) {
    detected.append(violation)
  }
}

/// Two scripted nodes on one link.
struct Pair: ~Copyable {
  var fabric: Fabric
  let root = ScriptedNode()
  let device: ScriptedNode
  let link: Int

  init(_ configuration: LinkConfiguration = LinkConfiguration(), deviceTakesEveryCompletion: Bool = true) {
    fabric = Fabric(maxPayloadBytes: configuration.maxPayloadBytes)
    device = ScriptedNode(takesEveryCompletion: deviceTakesEveryCompletion)
    let upper = fabric.add(root)
    let lower = fabric.add(device)
    link = fabric.connect(upstream: (upper, 0), downstream: (lower, 0), configuration)
  }

  mutating func send(_ header: TLPHeader, payload: [UInt8] = [], from node: ScriptedNode? = nil) {
    guard let port = (node ?? root).port else { return }
    var reference = PayloadReference.none
    if !payload.isEmpty {
      reference = fabric.payloads.take(bytes: payload.count)
      fabric.payloads.write(payload, from: 0, count: payload.count, to: reference)
    }
    fabric.send(FabricTLP(header: header, payload: reference), from: port)
  }
}

let requester = FunctionAddress(bus: 0, device: 1, function: 0)

func write(_ address: UInt64, bytes: Int = 4) -> TLPHeader {
  .memoryWrite(address: address, bytes: bytes, requester: requester)
}

func read(_ address: UInt64, bytes: Int = 4, tag: UInt16 = 0) -> TLPHeader {
  .memoryRead(address: address, bytes: bytes, requester: requester, tag: tag)
}
