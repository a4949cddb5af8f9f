import LinkBroker
import PCIe

/// The other end of an endpoint's link: records what comes, and answers reads as a test tells it.
final class ScriptedHost: FabricNode {
  /// What it does with a memory read.
  enum Answer: Hashable {
    case serve
    case status(CompletionStatus)
    case poisoned
    case silence
    /// Keeps the request until `release`.
    case hold
    /// Answers with a tag that nobody uses.
    case wrongTag
    /// Answers to another requester.
    case wrongRequester
  }

  struct Arrival: Hashable {
    var header: TLPHeader
    var payload: [UInt8]
  }

  let takesEveryCompletion = true
  var port: FabricPort?
  var arrivals: [Arrival] = []
  var answer = Answer.serve
  /// How many reads are still served before another answer is given to all that follow.
  var failsAfter: (reads: Int, answer: Answer)?
  /// Memory from bus address 0.
  var memory = [UInt8](repeating: 0, count: 1 << 20)

  private var held: [TLPHeader] = []

  func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) { self.port = port }

  func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    let payload = fabric.payloads.copy(tlp.payload)
    arrivals.append(Arrival(header: tlp.header, payload: payload))
    switch tlp.header.kind {
    case .memoryWrite: store(tlp.header, payload)
    case .memoryRead: reply(tlp.header, in: &fabric)
    default: break
    }
    return .consumed
  }

  private func store(_ header: TLPHeader, _ payload: [UInt8]) {
    guard reachable(header) else { return }
    let start = Int(header.firstByteAddress)
    let count = header.requestedBytes
    memory.replaceSubrange(start..<start + count, with: payload[header.leadBytes..<header.leadBytes + count])
  }

  private func nextAnswer() -> Answer {
    guard let (reads, failure) = failsAfter else { return answer }
    if reads == 0 { return failure }
    failsAfter = (reads - 1, failure)
    return answer
  }

  private func reachable(_ request: TLPHeader) -> Bool {
    request.firstByteAddress <= UInt64(memory.count - request.requestedBytes)
  }

  /// Serves from now on, and first what was kept; gives how many requests that were.
  @discardableResult
  func release(in fabric: inout Fabric) -> Int {
    (answer, failsAfter) = (.serve, nil)
    defer { held.removeAll() }
    for request in held { reply(request, in: &fabric) }
    return held.count
  }

  private func reply(_ request: TLPHeader, in fabric: inout Fabric) {
    let answer = nextAnswer()
    if answer == .hold { held.append(request) }
    guard let port, answer != .silence, answer != .hold else { return }
    let id = FunctionAddress(rawValue: 0)
    if case .status(let status) = reachable(request) ? answer : .status(.unsupportedRequest) {
      return fabric.send(
        FabricTLP(header: .completion(of: request, status: status, completer: id)), from: port)
    }
    var address = request.firstByteAddress
    var remaining = request.requestedBytes
    while remaining > 0 {
      let count = min(remaining, 64 - Int(address & 63))
      var header = TLPHeader.completionWithData(
        of: request, completer: id, address: address, bytes: count, remainingBytes: remaining)
      header.isPoisoned = answer == .poisoned
      if answer == .wrongTag { header.tag = 0x1f }
      if answer == .wrongRequester { header.requesterID = FunctionAddress(rawValue: 0xffff) }
      let payload = fabric.payloads.take(bytes: header.payloadBytes)
      fabric.payloads.write(
        memory, from: Int(address) & ~3, count: header.payloadBytes, to: payload)
      fabric.send(FabricTLP(header: header, payload: payload), from: port)
      address += UInt64(count)
      remaining -= count
    }
  }

  func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition { receive(tlp, at: port, in: &fabric) }
  func completerID(at port: Int) -> FunctionAddress { FunctionAddress(rawValue: 0x100) }
  func timerFired(_ token: UInt64, in fabric: inout Fabric) {}
  func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {}
  func portDetected(_ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric) {}
}
