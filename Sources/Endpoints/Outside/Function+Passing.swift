import LinkBroker
import PCIe
import Simulation

extension Function {
  /// Whether a TLP is for the program that plays the function; all else the function answers itself.
  ///
  /// What is not to reach a device's logic does not pass: bad digests, poisoned requests, too large payloads.
  func passes(_ tlp: FabricTLP, in fabric: inout Fabric) -> Bool {
    let header = tlp.header
    guard Int(tlp.payload.bytes) <= limits.maxPayloadBytes,
      !(header.hasDigest && limits.checksDigests && tlp.hasBadDigest)
    else { return false }
    switch tlp.kind {
    case .memoryRead:
      guard passesRequest(header, in: fabric) else { return false }
      tally.memoryReads &+= 1
    case .memoryWrite:
      guard passesRequest(header, in: fabric) else { return false }
      tally.memoryWrites &+= 1
    case .ioRead, .ioWrite: return passesRequest(header, isIO: true, in: fabric)
    case .fetchAdd, .swap, .compareAndSwap:
      guard let window = claim(header, now: fabric.now), window.allowsAtomics else { return false }
      return passesRequest(header, in: fabric)
    case .completion, .completionWithData:
      guard header.requesterID == id, limits.configuresFrom <= fabric.now else { return false }
      noteStatus(of: header, in: &fabric)
    default: return false
    }
    return true
  }

  private func passesRequest(_ header: TLPHeader, isIO: Bool = false, in fabric: borrowing Fabric) -> Bool {
    window(of: header, isIO: isIO, now: fabric.now) != nil
  }

  /// The window of a request that is for the function's logic, nil for any other.
  @inline(__always)
  func window(of header: TLPHeader, isIO: Bool = false, now: VirtualTime) -> BarWindow? {
    guard !(header.isPoisoned && header.hasData), let window = claim(header, isIO: isIO, now: now) else {
      return nil
    }
    guard window.holdsInterruptTable, let msix else { return window }
    guard !msix.ownsBar else { return nil }
    let start = Int(truncatingIfNeeded: header.address &- window.base)
    let range = BarRange(bar: Int(window.index), offset: start, count: header.lengthDW * 4)
    return msix.region(range) == (.other, range.count) ? window : nil
  }
}
