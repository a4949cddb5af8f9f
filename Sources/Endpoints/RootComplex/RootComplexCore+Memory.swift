import LinkBroker
import PCIe

// Requests from below for host memory, for the interrupt target, or for another root port.
extension RootComplexCore {
  /// The boundary that every piece of a read but the last ends on.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.1.1: 64 or 128 bytes for a root complex, told by Link Control.
  static let readCompletionBoundary: UInt64 = 64

  mutating func receiveMemory(
    _ tlp: FabricTLP, _ kind: TLPKind, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    guard ports.ports[port].bridge.passesUpstream else { return refuse(tlp, at: port, in: &fabric) }
    if tlp.header.addressType == TLPHeader.translationRequestType {
      return translate(tlp, port: port, in: &fabric)
    }
    guard !translations.isEmpty else { return serveMemory(tlp, kind, at: port, in: &fabric) }
    guard let resolved = resolved(tlp) else { return refuse(tlp, at: port, in: &fabric) }
    return serveMemory(resolved, kind, at: port, in: &fabric)
  }

  private mutating func serveMemory(
    _ tlp: FabricTLP, _ kind: TLPKind, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    let header = tlp.header
    if kind == .memoryWrite, InterruptTarget.claims(header.address) {
      if header.isPoisoned { return refusePoisoned(tlp, kind, port: port, in: &fabric) }
      takeInterrupt(tlp, port: port, in: &fabric)
      return .consumed
    }
    let operandBytes = kind == .compareAndSwap ? header.lengthDW * 2 : header.lengthDW * 4
    guard memory.contains(header.address, count: operandBytes) else {
      if let shared, shared.contains(header.address, count: operandBytes) {
        return serveShared(shared, tlp, kind, at: port, in: &fabric)
      }
      guard let target = ports.index(ofMemory: header.address) else {
        return refuse(tlp, at: port, in: &fabric)
      }
      if ports.ports[port].bridge.controls.contains(.redirectsRequests) {
        // Redirected to be validated; this root complex lets no request through from peer to peer then.
        return block(
          tlp, .acsViolation, at: port, by: port, "requests between peers are redirected", in: &fabric)
      }
      guard target != port else { return refuse(tlp, at: port, in: &fabric) }
      return pass(tlp, from: port, to: target, in: &fabric)
    }
    if header.isPoisoned { return refusePoisoned(tlp, kind, port: port, in: &fabric) }
    switch kind {
    case .memoryRead: serve(header, port: port, in: &fabric)
    case .memoryWrite: memory.write(tlp, in: &fabric)
    default: perform(tlp, kind, operandBytes, port: port, in: &fabric)
    }
    return .consumed
  }

  /// Serves reads and writes of memory that others have too, where no operation on it is one.
  private mutating func serveShared(
    _ shared: SharedHostMemory, _ tlp: FabricTLP, _ kind: TLPKind, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    if tlp.header.isPoisoned { return refusePoisoned(tlp, kind, port: port, in: &fabric) }
    switch kind {
    case .memoryRead:
      let bytes = shared.read(tlp.header.address, count: tlp.header.lengthDW * 4)
      serve(tlp.header, port: port, from: (bytes, tlp.header.address), in: &fabric)
    case .memoryWrite: shared.write(tlp, in: &fabric)
    default: return refuse(tlp, at: port, in: &fabric)
    }
    return .consumed
  }

  private mutating func takeInterrupt(_ tlp: FabricTLP, port: Int, in fabric: inout Fabric) {
    guard tlp.header.firstByteEnable != 0 else { return }
    let source = interrupts.arrive(data: fabric.payloads.word(tlp.payload))
    guard let source, masks.isMasked(source) else { return }
    fabric.report(
      Finding(
        time: fabric.now, violation: .msixMasked, node: node, link: ports.ports[port].port.link,
        header: tlp.header, text: "\(source.function) sent vector \(source.vector) while it is masked"))
  }

  /// Takes a request with data that is known to be bad: nothing changes, and an AtomicOp ends unsupported.
  ///
  /// - Source: PCI Express Base 5.0, 2.7.2.2 "Rules For Use of Data Poisoning".
  private mutating func refusePoisoned(
    _ tlp: FabricTLP, _ kind: TLPKind, port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    ports.ports[port].bridge.space.raiseSecondary(.detectedParityError)
    // Host memory keeps what it had and goes on; an interrupt or an AtomicOp is lost.
    let isMemory = kind == .memoryWrite && !InterruptTarget.claims(tlp.header.address)
    report(
      .poisonedTLP, tlp.header, port: port, "the request carries poisoned data", isAdvisoryCase: isMemory,
      in: &fabric)
    if kind.flowControlClass == .nonPosted {
      let completion = TLPHeader.completion(
        of: tlp.header, status: .unsupportedRequest, completer: ports.ports[port].bridge.id)
      fabric.send(FabricTLP(header: completion), from: ports.ports[port].port)
    }
    return .consumed
  }

  /// - Parameter source: bytes with the address of the first; nil for the host's own memory.
  func serve(
    _ request: TLPHeader, port: Int, cut: CompletionCut? = nil,
    from source: (bytes: [UInt8], address: UInt64)? = nil, in fabric: inout Fabric
  ) {
    var cut = cut
    let completer = ports.ports[port].bridge.id
    let limit = ports.ports[port].maxPayloadBytes
    var address = request.firstByteAddress
    var remaining = request.requestedBytes
    while remaining > 0 {
      let bytes =
        cut?.next(address: address, remaining: remaining, maxPayloadBytes: limit)
        ?? Self.pieceBytes(address, remaining, limit: limit)
      let header = TLPHeader.completionWithData(
        of: request, completer: completer, address: address, bytes: bytes, remainingBytes: remaining)
      let payload = fabric.payloads.take(
        copying: source?.bytes ?? memory.bytes, from: Int((address & ~3) - (source?.address ?? 0)),
        count: header.payloadBytes)
      fabric.send(FabricTLP(header: header, payload: payload), from: ports.ports[port].port)
      address += UInt64(bytes)
      remaining -= bytes
    }
  }

  /// Performs an AtomicOp on host memory and answers with what was there.
  ///
  /// - Source: PCI Express Base 5.0, 6.15 "Atomic Operations (AtomicOps)".
  private mutating func perform(
    _ tlp: FabricTLP, _ kind: TLPKind, _ bytes: Int, port: Int, in fabric: inout Fabric
  ) {
    let request = tlp.header
    let start = Int(truncatingIfNeeded: request.address)
    var old = [UInt8](repeating: 0, count: bytes)
    copyBytes(from: memory.bytes, at: start, to: &old, at: 0, count: bytes)
    let operands = fabric.payloads.copy(tlp.payload)
    let new = AtomicOperation.result(kind, old: old, operands: operands)
    copyBytes(from: new, at: 0, to: &memory.bytes, at: start, count: bytes)
    let header = TLPHeader.completionWithData(
      of: request, completer: ports.ports[port].bridge.id, address: 0, bytes: bytes, remainingBytes: bytes)
    let payload = fabric.payloads.take(bytes: bytes)
    fabric.payloads.write(old, from: 0, count: bytes, to: payload)
    fabric.send(FabricTLP(header: header, payload: payload), from: ports.ports[port].port)
  }
}
