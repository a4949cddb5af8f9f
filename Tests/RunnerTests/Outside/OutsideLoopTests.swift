import Endpoints
import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Runner
@testable import Transports

/// A fabric and the programs at its edge, by a clock that the test sets.
@Suite struct OutsideLoopTests {
  /// A program that answers each request as unsupported, from when it gets the processor.
  private final class Program: Transport {
    var state: TransportState { .up }
    var waits: [TransportWait] { [] }
    var deadline: VirtualTime? { nil }
    var isRunning = false

    func takeNotes() -> [String] { [] }
    func wake(_ ready: [CInt]) {}

    func exchange(with node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
      guard isRunning, let request = node.outbox.first?.header, let port = node.port else { return false }
      node.outbox.removeFirst(in: &fabric)
      let answer = TLPHeader.completion(
        of: request, status: .unsupportedRequest, completer: FunctionAddress(rawValue: 0))
      fabric.send(FabricTLP(header: answer), from: port)
      return true
    }
  }

  /// The broker may not get the processor for a while either: what has come by then is in time.
  @Test(arguments: [true, false]) func whatHasComeIsHeardBeforeItsTimeIsOver(hasCome: Bool) throws {
    var fabric = Fabric(maxPayloadBytes: 256)
    let (host, device) = (OutsidePort(), try MemoryMock(MemoryMockConfiguration()))
    let (upper, lower) = (fabric.add(host), fabric.add(device))
    let link = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: 256))
    var loop = OutsideLoop()
    let program = Program()
    loop.add(OutsidePeer(name: "host", node: host, transport: program, link: link))
    let enable = TLPHeader.configurationWrite(
      to: FunctionAddress(bus: 1, device: 0, function: 0), offset: 4, bytes: 2,
      requester: FunctionAddress(rawValue: 0), tag: 0)
    let payload = fabric.payloads.take(bytes: 4)
    fabric.payloads.setWord(payload, to: 6)
    _ = host.submit(FabricTLP(header: enable, payload: payload), in: &fabric)
    _ = loop.serve(&fabric) { .zero + .milliseconds(1) }
    host.outbox.discard(in: &fabric)
    let operation = try #require(device.beginDMARead(address: 0x1000, count: 4, in: &fabric))
    _ = loop.serve(&fabric) { .zero + .milliseconds(2) }
    #expect(device.statusOfDMARead(operation) == nil && host.outbox.first != nil)
    program.isRunning = hasCome
    _ = loop.serve(&fabric) { .zero + .milliseconds(200) }
    #expect(device.statusOfDMARead(operation) == (hasCome ? .unsupportedRequest : .timeout))
  }
}
