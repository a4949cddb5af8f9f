import LinkBroker
import PCIe
import Simulation

extension Function {
  /// Takes a TLP that has reached the function's port; the tests come in the order of `ErrorPrecedence`.
  func receive(_ tlp: FabricTLP, for model: some Endpoint, in fabric: inout Fabric) {
    let header = tlp.header
    guard Int(tlp.payload.bytes) <= limits.maxPayloadBytes else {
      return detect(
        .malformedTLP, .payload(bytes: Int(tlp.payload.bytes), limit: limits.maxPayloadBytes), header,
        in: &fabric)
    }
    if header.hasDigest, limits.checksDigests, tlp.hasBadDigest {
      // Nobody is answered, for no field of the header can be trusted: 2.7.1.
      return detect(.ecrc, .digest, header, in: &fabric)
    }
    if header.isPoisoned, header.hasData { space.raise(.detectedParityError) }
    switch tlp.kind {
    case .memoryRead: serveMemoryRead(header, for: model, in: &fabric)
    case .memoryWrite: serveMemoryWrite(tlp, for: model, in: &fabric)
    case .configurationRead0, .configurationWrite0, .configurationRead1, .configurationWrite1:
      serveConfiguration(tlp, for: model, in: &fabric)
    case .completion, .completionWithData, .completionLocked, .completionLockedWithData:
      takeCompletion(tlp, for: model, in: &fabric)
    case .ioRead: serveIORead(header, for: model, in: &fabric)
    case .ioWrite: serveIOWrite(tlp, for: model, in: &fabric)
    case .fetchAdd, .swap, .compareAndSwap: serveAtomic(tlp, for: model, in: &fabric)
    case .message, .messageWithData: takeMessage(tlp, in: &fabric)
    // A PCI Express endpoint knows no lock: PCI Express Base 5.0, 6.5.7.
    case .memoryReadLocked: refuse(header, .locked, in: &fabric)
    // The link's receiver has dropped what has no kind.
    case nil: break
    }
  }

  /// The enabled BAR that holds a request, when memory and I/O requests are served now.
  func claim(_ header: TLPHeader, isIO: Bool = false, now: VirtualTime) -> BarWindow? {
    guard limits.servesFrom <= now else { return nil }
    let (address, bytes) = (header.address, header.lengthDW * 4)
    let last = lastWindow
    if last.holds(address, bytes: bytes, isIO: isIO) { return last }
    guard let window = windows.claim(address, bytes: bytes, isIO: isIO) else { return nil }
    lastWindow = window
    return window
  }

  /// Sends a completion without data.
  func complete(
    _ request: TLPHeader, _ status: CompletionStatus, remainingBytes: Int? = nil, in fabric: inout Fabric
  ) {
    send(
      .completion(of: request, status: status, completer: id, remainingBytes: remainingBytes), in: &fabric)
  }

  /// Sends the completion of a request for one DW.
  func complete(_ request: TLPHeader, word: UInt32, in fabric: inout Fabric) {
    guard let port else { return }
    let payload = fabric.payloads.take(bytes: 4)
    fabric.payloads.setWord(payload, to: word)
    fabric.send(
      FabricTLP(header: .completionWithWord(of: request, completer: id), payload: payload), from: port)
  }
}
