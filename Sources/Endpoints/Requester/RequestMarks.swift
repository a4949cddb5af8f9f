public import PCIe

/// What a memory write carries besides address and data: an address space, and a hint for caches.
public struct RequestMarks: Hashable, Sendable {
  /// The PASID prefix.
  public var prefix: TLPPrefix?
  /// PH, 0 to 3; nil for a request without a hint.
  public var hint: UInt8?
  /// The steering tag; zero for none.
  public var steeringTag: UInt8

  /// Marks for a write.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.7.1 "TPH Rules" and 6.20 "PASID TLP Prefix".
  public init(prefix: TLPPrefix? = nil, hint: UInt8? = nil, steeringTag: UInt8 = 0) {
    self.prefix = prefix
    self.hint = hint
    self.steeringTag = steeringTag
  }

  var isEmpty: Bool { prefix == nil && hint == nil }

  /// In a memory write the steering tag stands in the place of the tag; a request whose address has been
  /// translated has no PASID.
  func put(on header: inout TLPHeader, isTranslated: Bool = false) {
    if let prefix, !isTranslated { header.prefixes.append(prefix) }
    guard let hint else { return }
    header.hasProcessingHint = true
    header.processingHint = hint
    header.tag = UInt16(steeringTag)
  }
}
