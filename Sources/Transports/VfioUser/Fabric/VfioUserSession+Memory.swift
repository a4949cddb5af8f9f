import LinkBroker
import PCIe

/// A read of the device for which the host was asked.
enum VfioUserMemoryRead {
  case free
  case waiting(TLPHeader)
  /// The device has been reset since, but the answer is still to come.
  case abandoned

  mutating func abandon() { if case .waiting = self { self = .abandoned } }
  var isFree: Bool { if case .free = self { true } else { false } }
}

// Requests of the device for the host's memory.
extension VfioUserSession {
  /// Why the device may not have an address, nil when it may.
  private mutating func refusal(_ address: UInt64, _ count: Int, isWrite: Bool) -> String? {
    // What the host maps it would not check itself.
    guard registers.command.contains(.busMasterEnable) else { return "bus master enable is off" }
    guard reach(address, count, isWrite: isWrite) == .nobody else { return nil }
    let what = isWrite ? "written" : "read"
    return "0x\(hexadecimal(address, digits: 8)) is none of the addresses that the host lets be \(what)"
  }

  private mutating func reach(_ address: UInt64, _ count: Int, isWrite: Bool) -> PeerMemoryMap.Reach {
    server?.memory.reach(address, count: count, isWrite: isWrite) ?? .nobody
  }

  mutating func serveRead(_ request: TLPHeader, _ port: FabricPort, in fabric: inout Fabric) {
    let (address, count) = (request.firstByteAddress, request.requestedBytes)
    if let reason = refusal(address, count, isWrite: false) {
      return refuse(request, reason, port, in: &fabric)
    }
    if reach(address, count, isWrite: false) == .memory {
      complete(request, nil, port, in: &fabric)
    } else {
      let tag = memoryReads.firstIndex { $0.isFree } ?? memoryReads.count
      if tag == memoryReads.count { memoryReads.append(.free) }
      memoryReads[tag] = .waiting(request)
      server?.readMemory(address, count: count, tag: tag)
    }
  }

  /// Takes the host's answer to a read, nil when it refuses.
  mutating func completeRead(
    _ tag: Int, _ data: [UInt8]?, _ port: FabricPort, in fabric: inout Fabric
  ) {
    defer { memoryReads[tag] = .free }
    guard case .waiting(let request) = memoryReads[tag] else { return }
    guard let data else { return refuse(request, "the host refuses it", port, in: &fabric) }
    complete(request, data, port, in: &fabric)
  }

  /// Sends the completions of a read with data of the host's memory, or with what the host has sent.
  private mutating func complete(
    _ request: TLPHeader, _ data: [UInt8]?, _ port: FabricPort, in fabric: inout Fabric
  ) {
    let limit = max(payloadLimit(port, in: fabric), Self.readCompletionBoundary)
    let isFlush = request.firstByteEnable == 0
    for piece in CompletionSplitter(request, maxPayloadBytes: limit, boundary: Self.readCompletionBoundary) {
      let header = piece.header(of: request, completer: Self.host)
      let lead = Int(piece.address & 3)
      scratch.storeLE(UInt32(0), at: 0)
      scratch.storeLE(UInt32(0), at: header.payloadBytes - 4)
      if let data {
        copyBytes(from: data, at: piece.offset, to: &scratch, at: lead, count: piece.bytes)
      } else if !isFlush, !readMemory(piece.address, lead, piece.bytes) {
        return refuse(request, "the host has taken the memory away", port, in: &fabric)
      }
      let payload = fabric.payloads.take(bytes: header.payloadBytes)
      fabric.payloads.write(scratch, from: 0, count: header.payloadBytes, to: payload)
      fabric.send(FabricTLP(header: header, payload: payload), from: port)
    }
  }

  /// - Source: PCI Express Base 5.0, 2.3.1.1: 64 or 128 bytes for a root complex.
  private static let readCompletionBoundary = 64

  private mutating func readMemory(_ address: UInt64, _ lead: Int, _ count: Int) -> Bool {
    scratch.withMutableRawSpan { span in
      var part = span._mutatingExtracting(lead..<lead + count)
      return server?.memory.read(address, into: &part) ?? false
    }
  }

  mutating func serveWrite(_ tlp: FabricTLP, _ port: FabricPort, in fabric: inout Fabric) {
    let header = tlp.header
    if header.isPoisoned {
      return report(.poisonedTLP, header, "the request carries poisoned data", port, in: &fabric)
    }
    if registers.command.contains(.busMasterEnable), takeInterrupt(tlp, in: fabric) { return }
    for run in ByteRuns(header) {
      let address = header.address &+ UInt64(run.lowerBound)
      if let reason = refusal(address, run.count, isWrite: true) {
        return refuse(header, reason, port, in: &fabric)
      }
      guard deliver(tlp.payload, run, at: address, in: fabric) else {
        return refuse(header, "the host has taken the memory away", port, in: &fabric)
      }
    }
  }

  /// Puts bytes of a payload in their place, or sends them there; false when the host has taken it away.
  private mutating func deliver(
    _ payload: PayloadReference, _ run: Range<Int>, at address: UInt64, in fabric: borrowing Fabric
  ) -> Bool {
    let isMemory = reach(address, run.count, isWrite: true) == .memory
    let bytes = fabric.payloads.bytes(payload).extracting(run)
    if isMemory { return server?.memory.write(bytes, at: address) ?? false }
    server?.writeMemory(address, bytes)
    return true
  }
}
