import LinkBroker
import PCIe

extension Function {
  /// Serves a memory read by one completion, or by several that end at read completion boundaries.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.1.1 "Data Return for Read Requests".
  func serveMemoryRead(
    _ request: TLPHeader, for model: some Endpoint, cut: CompletionCut? = nil, in fabric: inout Fabric
  ) {
    var cut = cut
    guard let port, let window = claim(request, now: fabric.now) else {
      return refuseUnclaimed(request, in: &fabric)
    }
    tally.memoryReads &+= 1
    // With a processing hint the byte enables hold a steering tag, and all bytes count as enabled.
    let lead = request.hasProcessingHint ? 0 : request.leadBytes
    var remaining = request.hasProcessingHint ? request.lengthDW * 4 : request.requestedBytes
    let isFlush = request.firstByteEnable == 0 && !request.hasProcessingHint
    var address = request.address &+ UInt64(lead)
    repeat {
      let count =
        cut?.next(address: address, remaining: remaining, maxPayloadBytes: limits.maxPayloadBytes)
        ?? pieceBytes(address, remaining)
      let header = TLPHeader.completionWithData(
        of: request, completer: id, address: address, bytes: count, remainingBytes: remaining)
      let payload = fabric.payloads.take(bytes: header.payloadBytes)
      if header.payloadBytes != count {
        fabric.payloads.setWord(payload, at: 0, to: 0)
        fabric.payloads.setWord(payload, at: header.payloadBytes - 4, to: 0)
      }
      if !isFlush {
        let range = BarRange(
          bar: Int(window.index), offset: Int(truncatingIfNeeded: address &- window.base), count: count)
        let response = readBar(range, window, into: payload, at: Int(address & 3), for: model, in: &fabric)
        guard response == .done else {
          fabric.payloads.release(payload)
          return refuse(request, response, remainingBytes: remaining, in: &fabric)
        }
      }
      fabric.send(FabricTLP(header: header, payload: payload), from: port)
      address &+= UInt64(count)
      remaining -= count
    } while remaining > 0
  }

  /// The bytes of the next completion: all, or as many as end at a boundary within Max_Payload_Size.
  ///
  /// The boundary is 128 bytes for everything but a root complex.
  func pieceBytes(_ address: UInt64, _ remaining: Int) -> Int {
    let lead = Int(address & 3)
    if lead + remaining <= limits.maxPayloadBytes { return remaining }
    let end = (address &- UInt64(lead) &+ UInt64(limits.maxPayloadBytes)) & ~127
    return Int(truncatingIfNeeded: end &- address)
  }

  /// Serves a memory write; the bytes that are not enabled stay as they are.
  func serveMemoryWrite(_ tlp: FabricTLP, for model: some Endpoint, in fabric: inout Fabric) {
    let request = tlp.header
    guard let window = claim(request, now: fabric.now) else { return refuseUnclaimed(request, in: &fabric) }
    if request.isPoisoned { return refusePoisoned(request, in: &fabric) }
    tally.memoryWrites &+= 1
    let response = writeRuns(tlp, window, for: model, in: &fabric)
    if response != .done { refuse(request, response, in: &fabric) }
  }

  /// Writes what the byte enables select, up to the first run that is refused.
  func writeRuns(
    _ tlp: FabricTLP, _ window: BarWindow, for model: some Endpoint, in fabric: inout Fabric
  ) -> BarResponse {
    let header = tlp.header
    let start = Int(truncatingIfNeeded: header.address &- window.base)
    if header.firstByteEnable != 0, header.enablesEveryByteBetween {
      let lead = header.leadBytes
      let range = BarRange(bar: Int(window.index), offset: start + lead, count: header.requestedBytes)
      return writeBar(range, window, from: tlp.payload, at: lead, for: model, in: &fabric)
    }
    for run in ByteRuns(header) {
      let range = BarRange(bar: Int(window.index), offset: start + run.lowerBound, count: run.count)
      let response = writeBar(range, window, from: tlp.payload, at: run.lowerBound, for: model, in: &fabric)
      guard response == .done else { return response }
    }
    return .done
  }

  /// Reads from the interrupt table or from the model.
  func readBar(
    _ range: BarRange, _ window: BarWindow, into payload: PayloadReference, at place: Int,
    for model: some Endpoint, in fabric: inout Fabric
  ) -> BarResponse {
    guard window.holdsInterruptTable, let msix else {
      return model.readBar(range, into: payload, at: place, in: &fabric)
    }
    var range = range
    var place = place
    while range.count > 0 {
      let (region, count) = msix.region(range)
      if region == .other, !msix.ownsBar {
        let piece = BarRange(bar: range.bar, offset: range.offset, count: count)
        let response = model.readBar(piece, into: payload, at: place, in: &fabric)
        guard response == .done else { return response }
      } else {
        msix.read(region, count: count, into: payload, at: place, in: &fabric)
      }
      range.offset += count
      range.count -= count
      place += count
    }
    return .done
  }

  /// Writes to the interrupt table or to the model.
  func writeBar(
    _ range: BarRange, _ window: BarWindow, from payload: PayloadReference, at place: Int,
    for model: some Endpoint, in fabric: inout Fabric
  ) -> BarResponse {
    guard window.holdsInterruptTable, let ownsBar = msix?.ownsBar else {
      return model.writeBar(range, from: payload, at: place, in: &fabric)
    }
    var range = range
    var place = place
    while range.count > 0, let (region, count) = msix?.region(range) {
      if case .table(let start) = region {
        let vectors = msix?.write(at: start, count: count, from: payload, at: place, in: &fabric)
        deliverMSIX(in: vectors, &fabric)
      } else if region == .other, !ownsBar {
        let piece = BarRange(bar: range.bar, offset: range.offset, count: count)
        let response = model.writeBar(piece, from: payload, at: place, in: &fabric)
        guard response == .done else { return response }
      }
      range.offset += count
      range.count -= count
      place += count
    }
    return .done
  }
}
