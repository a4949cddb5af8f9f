import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

/// A root complex that answers nothing by itself, at the other end of a requester's link.
private final class SilentNode: FabricNode {
  var requests: [TLPHeader] = []
  var port: FabricPort?
  var takesEveryCompletion: Bool { true }
  func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) { self.port = port }
  func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    requests.append(tlp.header)
    return .consumed
  }
  func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition { receive(tlp, at: port, in: &fabric) }
  func completerID(at port: Int) -> FunctionAddress { FunctionAddress(rawValue: 0x100) }
  func timerFired(_ token: UInt64, in fabric: inout Fabric) {}
  func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {}
  func portDetected(_ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric) {}
}

@Suite("Requests that fail")
struct RequesterFailureTests {
  private let completer = FunctionAddress(rawValue: 0x100)

  /// A requester on a link whose other end answers nothing by itself.
  private struct Bench: ~Copyable {
    var fabric = Fabric()
    let far = SilentNode()
    var requester: Requester
    let port: FabricPort

    init() {
      let upper = fabric.add(SilentNode())
      let lower = fabric.add(far)
      let link = fabric.connect(upstream: (upper, 0), downstream: (lower, 0), LinkConfiguration())
      requester = Requester(tagCount: 32, timer: NodeTimer(node: upper, token: 0))
      port = fabric.ends(ofLink: link).upstream
    }

    mutating func read(_ address: UInt64, _ count: Int) -> RequestOperation {
      let operation = requester.beginRead(address: address, count: count, over: port, in: &fabric)
      fabric.runUntilIdle()
      return operation
    }

    mutating func receive(_ tlp: FabricTLP) {
      _ = requester.receive(tlp, over: port, in: &fabric)
      fabric.runUntilIdle()
    }
  }

  private func refuse(_ request: TLPHeader) -> FabricTLP {
    FabricTLP(header: .completion(of: request, status: .unsupportedRequest, completer: completer))
  }

  @Test("a transfer that has failed asks for no more")
  func stopsAsking() throws {
    var bench = Bench()
    let operation = bench.read(0, 64 << 10)
    #expect(bench.far.requests.count == 32)
    for request in bench.far.requests { bench.receive(refuse(request)) }
    #expect(bench.requester.status(of: operation) == .unsupportedRequest)
    #expect(bench.far.requests.count == 32)
    #expect(bench.requester.data(of: operation).allSatisfy { $0 == 0 })
  }

  @Test("without the right to request, what waits for a tag is never sent")
  func busMasterOff() {
    var bench = Bench()
    let operation = bench.read(0, 64 << 10)
    bench.requester.limits.mayRequest = false
    let payload = bench.fabric.payloads.take(bytes: 512)
    let answer = TLPHeader.completionWithData(
      of: bench.far.requests[0], completer: completer, address: 0, bytes: 512, remainingBytes: 512)
    bench.receive(FabricTLP(header: answer, payload: payload))
    #expect(bench.far.requests.count == 32)
    #expect(bench.requester.status(of: operation) == nil)
    for request in bench.far.requests.dropFirst() {
      bench.receive(refuse(request))
    }
    #expect(bench.requester.status(of: operation) == .notSent)
  }

  @Test("who waits for a tag when the right to request goes is told of")
  func busMasterOffWithReadsWaiting() {
    var bench = Bench()
    let first = bench.read(0, 16 << 10)
    let second = bench.read(64 << 10, 4)
    bench.requester.limits.mayRequest = false
    bench.receive(refuse(bench.far.requests[0]))
    #expect(bench.requester.status(of: first) == nil && bench.requester.status(of: second) == .notSent)
    let (told, none) = (bench.requester.takeStopped(), bench.requester.takeStopped())
    #expect(told == second && none == nil)
  }

  @Test("a buffer that is used again shows nothing of the transfer before")
  func staleBytes() {
    var bench = Bench()
    let first = bench.read(0, 4)
    let payload = bench.fabric.payloads.take(bytes: 4)
    bench.fabric.payloads.setWord(payload, to: 0xffff_ffff)
    let answer = TLPHeader.completionWithData(
      of: bench.far.requests[0], completer: completer, address: 0, bytes: 4, remainingBytes: 4)
    bench.receive(FabricTLP(header: answer, payload: payload))
    #expect(bench.requester.data(of: first) == [255, 255, 255, 255])
    bench.requester.release(first)
    let second = bench.read(8, 4)
    bench.receive(refuse(bench.far.requests[1]))
    #expect(bench.requester.data(of: second) == [0, 0, 0, 0])
  }
}
