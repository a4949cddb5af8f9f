import LinkBroker
import PCIe

// Completions of requests that were sent for accesses.
extension VfioUserAccesses {
  /// What became of a completion.
  enum Outcome: Hashable {
    /// It brought some of the data.
    case progress
    /// Its request has ended, that of the access at a place, with a failure or without.
    case ended(Int, VfioUserAccess.Failure?)
    /// Nobody waits for it, and why.
    case unexpected(String)
  }

  /// Takes a completion for this requester.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.2 "Completion Handling Rules".
  mutating func take(_ tlp: FabricTLP, in fabric: borrowing Fabric) -> Outcome {
    let header = tlp.header
    guard let part = part(header.tag) else {
      return .unexpected("a completion with tag \(header.tag) came, for which nobody waits")
    }
    let isWrite = self[part.access].isWrite
    guard header.completionStatus == .successful else {
      return end(header.tag, part, .status(header.completionStatus))
    }
    guard isWrite != header.hasData else {
      return .unexpected(
        "the completion with tag \(header.tag) has \(header.hasData ? "data, for a write" : "no data")")
    }
    if header.isPoisoned { return end(header.tag, part, .poisoned) }
    return isWrite ? end(header.tag, part, nil) : takeData(tlp, part, in: fabric)
  }

  private mutating func end(
    _ tag: UInt16, _ part: VfioUserPart, _ failure: VfioUserAccess.Failure?
  ) -> Outcome {
    end(tag)
    return .ended(part.access, failure)
  }

  private mutating func takeData(
    _ tlp: FabricTLP, _ part: VfioUserPart, in fabric: borrowing Fabric
  ) -> Outcome {
    let header = tlp.header
    let left = part.bytes - part.done
    let next = part.address &+ UInt64(part.done)
    let lowBits = UInt8(truncatingIfNeeded: next & 0x7f)
    if part.isMemory, header.byteCount != left || header.lowerAddress != lowBits {
      return .unexpected(
        "the completion with tag \(header.tag) is for \(header.byteCount) bytes from lower address "
          + "0x\(hexadecimal(UInt64(header.lowerAddress), digits: 2)); \(left) bytes from "
          + "0x\(hexadecimal(UInt64(lowBits), digits: 2)) are due")
    }
    let lead = Int(next & 3)
    let count = min(left, Int(tlp.payload.bytes) - lead)
    guard count > 0 else { return .progress }
    fabric.payloads.read(
      tlp.payload, from: lead, count: count, to: &self[part.access].data, at: part.offset + part.done)
    advance(header.tag, by: count)
    return count >= left ? end(header.tag, part, nil) : .progress
  }
}
