public import LinkBroker
import PCIe

extension Requester {
  /// Takes a completion that is addressed to this requester.
  ///
  /// A poisoned completion ends its request without its data being used; the header tells the owner to report
  /// it.
  /// - Source: PCI Express Base 5.0, 2.3.2 "Completion Handling Rules" and 2.7.2 "Error Forwarding Usage
  ///   Model".
  public mutating func receive(
    _ tlp: FabricTLP, over path: borrowing some RequestPath & ~Copyable, in fabric: inout Fabric
  ) -> CompletionOutcome {
    let header = tlp.header
    let tag = Int(header.tag)
    guard tag < pending.count, !pending[tag].isFree else { return .unexpected(.tag(header.tag)) }
    let index = Int(pending[tag].operation)
    let isRead = transfers[index].kind.isRead
    if header.completionStatus != .successful {
      transfers[index].fail(RequestStatus(header.completionStatus))
    } else if isRead != header.hasData {
      return .unexpected(isRead ? .noData(tag: header.tag) : .dataForWrite(tag: header.tag))
    } else if transfers[index].kind == .memoryRead || transfers[index].kind == .translation {
      if let mismatch = mismatch(header, pending[tag]) { return .unexpected(mismatch) }
      guard takeData(tlp, tag, index, in: &fabric) else { return .progress }
    } else if isRead {
      takeWord(tlp, index, in: &fabric)
    }
    return finish(tag, index, over: path, in: &fabric)
  }

  @inline(__always)
  private func mismatch(_ header: TLPHeader, _ request: PendingRequest) -> UnexpectedCompletion? {
    let isFlush = request.remaining == 0
    let due = isFlush ? 1 : Int(request.remaining)
    guard header.byteCount == due else {
      return .byteCount(tag: header.tag, seen: header.byteCount, due: due)
    }
    let lowBits = UInt8(truncatingIfNeeded: request.nextAddress & (isFlush ? 0x7c : 0x7f))
    guard header.lowerAddress == lowBits else {
      return .lowerAddress(tag: header.tag, seen: header.lowerAddress, due: lowBits)
    }
    return nil
  }

  /// Puts the data of a memory read in its place; true when the request is complete.
  @inline(__always)
  private mutating func takeData(_ tlp: FabricTLP, _ tag: Int, _ index: Int, in fabric: inout Fabric) -> Bool
  {
    let header = tlp.header
    let lead = Int(header.lowerAddress & 3)
    let due = Int(pending[tag].remaining)
    let count = min(due, Int(tlp.payload.bytes) - lead)
    if header.isPoisoned {
      transfers[index].fail(.poisoned)
    } else if count > 0, transfers[index].status == .successful {
      fabric.payloads.read(
        tlp.payload, from: lead, count: count, to: &transfers[index].buffer,
        at: Int(pending[tag].bufferOffset))
    }
    guard count < due else { return true }
    pending[tag].advance(count)
    return false
  }

  private mutating func takeWord(_ tlp: FabricTLP, _ index: Int, in fabric: inout Fabric) {
    if tlp.header.isPoisoned {
      transfers[index].fail(.poisoned)
    } else {
      let lead = Int(transfers[index].address & 3)
      fabric.payloads.read(
        tlp.payload, from: lead, count: transfers[index].total, to: &transfers[index].buffer, at: 0)
    }
  }

  @inline(__always)
  private mutating func finish(
    _ tag: Int, _ index: Int, over path: borrowing some RequestPath & ~Copyable, in fabric: inout Fabric
  ) -> CompletionOutcome {
    counts.completions &+= 1
    pending[tag].operation = -1
    if pending[tag].isOwed { translations.readEnded() }
    tags.release(UInt16(truncatingIfNeeded: tag))
    close(index)
    if !waiting.isEmpty { resumeWaiting(over: path, in: &fabric) }
    if transfers[index].kind == .translation {
      settleTranslation(index)
      return .progress
    }
    return transfers[index].isDone ? .ended(RequestOperation(index: index)) : .progress
  }

  @inline(__always)
  mutating func close(_ index: Int) { transfers[index].close() }

  mutating func resumeWaiting(over path: borrowing some RequestPath & ~Copyable, in fabric: inout Fabric) {
    stopped.removeAll(keepingCapacity: true)
    while !waiting.isEmpty, tags.available > 0 {
      let index = waiting.removeFirst()
      guard transfers[index].wantsMore else { continue }
      issue(index, over: path, in: &fabric)
      if transfers[index].isDone { stopped.append(RequestOperation(index: index)) }
    }
  }

  /// A transfer that has ended with no completion of its own since the last one came; nil when none is left.
  ///
  /// Who looks at outcomes by itself need not ask.
  mutating func takeStopped() -> RequestOperation? {
    while let operation = stopped.popLast() {
      let transfer = transfers[operation.index]
      if transfer.isActive, transfer.isDone { return operation }
    }
    return nil
  }
}
