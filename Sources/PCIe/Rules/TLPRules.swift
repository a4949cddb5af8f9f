/// The rules that a receiver holds a TLP to; the first one broken makes it malformed.
///
/// - Complexity: constant, no allocation.
/// - Source: PCI Express Base 5.0, 2.2.2 to 2.2.9 and 2.3.
public enum TLPRules {
  /// The first rule that a TLP breaks, nil for a well-formed one.
  public static func check(
    _ header: TLPHeader, payloadBytes: Int, maxPayloadBytes: Int
  ) -> TLPRuleViolation? {
    check(header, kind: header.kind, payloadBytes: payloadBytes, maxPayloadBytes: maxPayloadBytes)
  }

  /// The first rule that a TLP breaks whose kind is known; the kind must be that of the header.
  @inlinable @inline(__always)
  public static func check(
    _ header: TLPHeader, kind: TLPKind?, payloadBytes: Int, maxPayloadBytes: Int
  ) -> TLPRuleViolation? {
    guard header.prefixes.isEmpty || header.prefixes.isOrdered else { return .prefixOrder }
    guard let kind else { return .undefinedType(header.formatAndType) }
    guard header.payloadBytes == payloadBytes else {
      return .length(field: header.payloadBytes, payload: payloadBytes)
    }
    guard payloadBytes <= maxPayloadBytes else {
      return .maxPayload(payload: payloadBytes, limit: maxPayloadBytes)
    }
    switch kind {
    case .memoryRead, .memoryReadLocked, .memoryWrite: return checkMemory(header)
    case .completion, .completionWithData, .completionLocked, .completionLockedWithData: return nil
    default: return checkRare(header, kind)
    }
  }

  /// Whether a request that `isPlainMemoryRequest` breaks none of the rules but for those of its payload.
  @inlinable @inline(__always)
  public static func isWellFormed(plainRequest header: TLPHeader) -> Bool {
    let (address, bytes) = (header.address, header.lengthDW * 4)
    // One DW has no last one; of more all bytes are enabled.
    return header.dw1 & 0xff == (header.lengthField == 1 ? 0x0f : 0xff)
      && Int(address & 0xfff) + bytes <= 4096 && !(header.hasFourDWs && address >> 32 == 0)
  }

  /// The rules of requests that are neither memory reads nor memory writes.
  @usableFromInline
  static func checkRare(_ header: TLPHeader, _ kind: TLPKind) -> TLPRuleViolation? {
    switch kind {
    case .fetchAdd, .swap, .compareAndSwap: return checkAtomic(header, kind)
    case .message, .messageWithData: return checkMessage(header)
    case .ioRead, .ioWrite, .configurationRead0, .configurationWrite0, .configurationRead1,
      .configurationWrite1:
      return checkWord(header)
    default: return nil
    }
  }

  @inlinable @inline(__always)
  static func checkMemory(_ header: TLPHeader) -> TLPRuleViolation? {
    let (first, last) = (header.firstByteEnable, header.lastByteEnable)
    // With TH the byte enables of a read give way to the steering tag.
    if !(header.hasProcessingHint && !header.hasData) {
      let isAllowed = header.lengthField == 1 ? last == 0 : first != 0 && last != 0
      guard isAllowed else { return .byteEnables(first: first, last: last, lengthDW: header.lengthDW) }
    }
    let address = header.address
    guard Int(address & 0xfff) + header.lengthDW * 4 <= 4096 else {
      return .crosses4KiB(address: address, bytes: header.lengthDW * 4)
    }
    return header.hasFourDWs && address >> 32 == 0 ? .upperAddressZero : nil
  }

  private static func checkWord(_ header: TLPHeader) -> TLPRuleViolation? {
    guard header.lengthField == 1 else { return .lengthNotOne(lengthDW: header.lengthDW) }
    guard header.lastByteEnable == 0 else {
      return .byteEnables(first: header.firstByteEnable, last: header.lastByteEnable, lengthDW: 1)
    }
    guard header.trafficClass == 0 else { return .trafficClass(header.trafficClass) }
    guard header.attributes.isEmpty else { return .attributes(header.attributes.rawValue) }
    return header.addressType == 0 ? nil : .addressType(header.addressType)
  }

  /// A message with an unknown code is no malformed TLP: its receiver reports an unsupported request.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.8 "Message Request Rules".
  private static func checkMessage(_ header: TLPHeader) -> TLPRuleViolation? {
    guard let routing = header.messageRouting else { return .routing(header.formatAndType & 7) }
    guard let code = header.messageCode else { return nil }
    guard code.allows(routing) else { return .messageRouting(code, routing) }
    if let hasData = code.hasData, hasData != header.hasData { return .messageData(code) }
    guard !code.needsTrafficClass0 || header.trafficClass == 0 else {
      return .trafficClass(header.trafficClass)
    }
    return code == .setSlotPowerLimit && header.lengthField != 1
      ? .lengthNotOne(lengthDW: header.lengthDW) : nil
  }

  /// - Source: PCI Express Base 5.0, 2.2.7, rules for AtomicOp requests.
  private static func checkAtomic(_ header: TLPHeader, _ kind: TLPKind) -> TLPRuleViolation? {
    let lengthDW = header.lengthDW
    let isAllowed =
      kind == .compareAndSwap
      ? lengthDW == 2 || lengthDW == 4 || lengthDW == 8 : lengthDW == 1 || lengthDW == 2
    guard isAllowed else { return .operandSize(lengthDW: lengthDW) }
    let bytes = kind == .compareAndSwap ? lengthDW * 2 : lengthDW * 4
    guard header.address % UInt64(bytes) == 0 else {
      return .operandAlignment(address: header.address, bytes: bytes)
    }
    return header.hasFourDWs && header.address >> 32 == 0 ? .upperAddressZero : nil
  }
}
