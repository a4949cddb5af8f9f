import LinkBroker
import PCIe
import Simulation

@testable import Endpoints

/// A requester and the far end of its link, which answers only as a test tells it.
final class RequesterBench {
  /// Owns the requester, as a root complex or a function does.
  private final class Owner: FabricNode {
    weak var bench: RequesterBench?
    let takesEveryCompletion = true

    func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) {}
    func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
      guard let bench else { return .consumed }
      bench.outcomes.append(bench.requester.receive(tlp, over: bench.port, in: &fabric))
      return .consumed
    }
    func respond(
      to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
    ) -> TLPDisposition { receive(tlp, at: port, in: &fabric) }
    func completerID(at port: Int) -> FunctionAddress { FunctionAddress(rawValue: 0x100) }
    func timerFired(_ token: UInt64, in fabric: inout Fabric) {
      guard let bench else { return }
      bench.expiries += bench.requester.timerFired(over: bench.port, in: &fabric)
    }
    func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {}
    func portDetected(_ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric) {}
  }

  static let completer = FunctionAddress(bus: 1, device: 0, function: 0)
  var fabric = Fabric()
  let far = ScriptedDevice()
  private let owner = Owner()
  var requester: Requester
  let port: FabricPort
  var outcomes: [CompletionOutcome] = []
  var expiries: [Requester.Expiry] = []

  init(tagCount: Int = 32) {
    far.answersConfiguration = false
    let upper = fabric.add(owner)
    let lower = fabric.add(far)
    let link = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0), LinkConfiguration(maxPayloadBytes: 512))
    requester = Requester(tagCount: tagCount, timer: NodeTimer(node: upper, token: 0))
    port = fabric.ends(ofLink: link).upstream
    owner.bench = self
  }

  /// Lets what has been sent arrive, without letting timers run out.
  func settle() { fabric.run(until: fabric.now + .microseconds(100)) }

  func read(_ address: UInt64, _ count: Int, timeout: VirtualDuration? = nil) -> RequestOperation {
    let operation = requester.beginRead(
      address: address, count: count, timeout: timeout, over: port, in: &fabric)
    settle()
    return operation
  }

  func write(_ address: UInt64, _ data: [UInt8]) -> RequestStatus {
    let status = requester.write(
      address: address, data: data, count: data.count, over: port, in: &fabric)
    settle()
    return status
  }

  func status(_ operation: RequestOperation) -> RequestStatus? { requester.status(of: operation) }
  func data(_ operation: RequestOperation) -> [UInt8] { requester.data(of: operation) }

  /// The requests that have arrived, and their tags.
  var requests: [TLPHeader] { far.arrivals.map(\.header) }

  /// The byte that memory holds at an address.
  static func byte(_ address: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: address &* 31 &+ address >> 8) }

  static func bytes(_ address: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { byte(address + UInt64($0)) }
  }

  /// Answers a memory read, or a part of it, with what memory holds.
  func answer(
    _ request: TLPHeader, from offset: Int = 0, count: Int? = nil, remaining: Int? = nil,
    change: (inout TLPHeader) -> Void = { _ in }
  ) {
    let all = request.requestedBytes
    let bytes = count ?? all - offset
    let address = request.firstByteAddress + UInt64(offset)
    var header = TLPHeader.completionWithData(
      of: request, completer: Self.completer, address: address, bytes: bytes,
      remainingBytes: remaining ?? all - offset)
    let payload = Self.bytes(address & ~3, header.payloadBytes)
    change(&header)
    far.send(header, payload, in: &fabric)
    settle()
  }

  func refuse(_ request: TLPHeader, _ status: CompletionStatus) {
    far.send(.completion(of: request, status: status, completer: Self.completer), in: &fabric)
    settle()
  }
}
