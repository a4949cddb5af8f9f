import PCIe

/// A match compiled for one kind of TLP: bits of the header, and what a mask cannot say.
struct FaultPattern: Sendable {
  private(set) var mask = HeaderMask.all
  private(set) var address: ClosedRange<UInt64>?
  private var length: ClosedRange<Int>?
  private var interrupt: Int16?
  /// Whether the mask says all.
  private var isPlain = true

  /// Nil when no TLP of the kind can match; no kind stands for TLPs whose Fmt and Type name none.
  init?(_ match: LinkFault.Match, kind: TLPKind?) {
    switch match.subject {
    case .dllps: return nil
    case .tlps(let kinds): guard kinds.contains(kind) else { return nil }
    case .interrupt(let vector):
      guard kind == .memoryWrite else { return nil }
      interrupt = Int16(truncatingIfNeeded: vector)
    }
    if let tag = match.tag { require(tag: tag, isCompletion: kind?.isCompletion ?? false) }
    if let requester = match.requester {
      let bits = UInt64(requester.rawValue)
      if kind?.isCompletion ?? false {
        mask.require23(0xffff << 16, bits << 16)
      } else {
        mask.require01(0xffff << 48, bits << 48)
      }
    }
    if let enables = match.firstByteEnables {
      guard kind?.hasByteEnables ?? false else { return nil }
      mask.require01(0xf << 32, UInt64(enables & 0xf) << 32)
    }
    if match.address != nil { guard kind?.isAddressed ?? false else { return nil } }
    if kind == nil, !match.isAnyTLP { return nil }
    address = match.address
    length = match.length
    isPlain = address == nil && length == nil && interrupt == nil
  }

  private mutating func require(tag: UInt16, isCompletion: Bool) {
    mask.require01(1 << 19 | 1 << 23, UInt64(tag & 0x100) << 11 | UInt64(tag & 0x200) << 14)
    let low = UInt64(tag & 0xff)
    if isCompletion { mask.require23(0xff << 8, low << 8) } else { mask.require01(0xff << 40, low << 40) }
  }

  @inline(__always)
  func fits(_ tlp: FabricTLP) -> Bool { mask.fits(tlp.header) && (isPlain || fitsRest(tlp)) }

  private func fitsRest(_ tlp: FabricTLP) -> Bool {
    if let interrupt, tlp.interrupt != interrupt { return false }
    if let address {
      let touched = tlp.header.addresses
      guard touched.first <= address.upperBound, touched.last >= address.lowerBound else { return false }
    }
    if let length, !length.contains(tlp.matchedBytes) { return false }
    return true
  }
}

extension LinkFault.Match {
  /// Whether nothing but the subject is asked for.
  fileprivate var isAnyTLP: Bool {
    address == nil && length == nil && tag == nil && requester == nil && firstByteEnables == nil
  }
}

extension TLPHeader {
  /// The first and the last byte of the DWs that a request goes to.
  @inline(__always)
  var addresses: (first: UInt64, last: UInt64) { (address, address &+ UInt64(lengthDW * 4 - 1)) }
}

extension LinkFault.TLPKinds {
  /// Whether a kind, or the lack of one, is in the set.
  func contains(_ kind: TLPKind?) -> Bool { rawValue & 1 << (kind.map { UInt32($0.rawValue) } ?? 31) != 0 }
}

extension FabricTLP {
  /// What a fault takes for the TLP's length: the bytes that a memory request selects, or the payload.
  fileprivate var matchedBytes: Int {
    switch kind {
    case .memoryRead, .memoryWrite, .memoryReadLocked: header.requestedBytes
    default: Int(payload.bytes)
    }
  }
}

extension TLPKind {
  /// Whether the request has an address of memory or I/O.
  var isAddressed: Bool { isMemoryRequest || self == .ioRead || self == .ioWrite }
  /// Whether the byte enable fields of the request mean bytes.
  var hasByteEnables: Bool { !isAtomic && (isAddressed || isConfigurationRequest) }
}
