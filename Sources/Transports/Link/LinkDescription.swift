import CPCIeLink
public import PCIe

/// What a program that plays a device says of its function.
public struct LinkDescription: Hashable, Sendable {
  /// The identification registers.
  public struct Identity: Hashable, Sendable {
    public var vendorID: UInt16
    public var deviceID: UInt16
    public var subsystemVendorID: UInt16
    public var subsystemID: UInt16
    public var classCode: UInt32
    public var revisionID: UInt8

    /// An identity of all registers.
    public init(
      vendorID: UInt16, deviceID: UInt16, subsystemVendorID: UInt16, subsystemID: UInt16, classCode: UInt32,
      revisionID: UInt8
    ) {
      self.vendorID = vendorID
      self.deviceID = deviceID
      self.subsystemVendorID = subsystemVendorID
      self.subsystemID = subsystemID
      self.classCode = classCode
      self.revisionID = revisionID
    }
  }

  /// Where MSI-X table and pending bits stand.
  public struct MSIX: Hashable, Sendable {
    public var vectors: Int
    public var tableBar: Int
    public var tableOffset: Int
    public var pendingBar: Int
    public var pendingOffset: Int

    /// A table and its pending bits.
    public init(vectors: Int, tableBar: Int, tableOffset: Int, pendingBar: Int, pendingOffset: Int) {
      self.vectors = vectors
      self.tableBar = tableBar
      self.tableOffset = tableOffset
      self.pendingBar = pendingBar
      self.pendingOffset = pendingOffset
    }
  }

  public var identity: Identity
  /// 0 for no INTx, 1 to 4 for INTA to INTD.
  public var interruptPin: UInt8
  public var msiVectors: Int
  /// Nil for a function without MSI-X.
  public var msix: MSIX?
  /// - Units: bytes.
  public var maxPayloadBytes: Int
  public var bars: [BarLayout]

  /// A description of all there is.
  public init(
    identity: Identity, interruptPin: UInt8, msiVectors: Int, msix: MSIX?, maxPayloadBytes: Int,
    bars: [BarLayout]
  ) {
    self.identity = identity
    self.interruptPin = interruptPin
    self.msiVectors = msiVectors
    self.msix = msix
    self.maxPayloadBytes = maxPayloadBytes
    self.bars = bars
  }
}

extension LinkDescription {
  /// Takes over a description that the C library has checked.
  init(_ described: pcie_link_description) {
    identity = Identity(
      vendorID: described.vendor_id, deviceID: described.device_id,
      subsystemVendorID: described.subsystem_vendor_id, subsystemID: described.subsystem_id,
      classCode: described.class_code, revisionID: described.revision)
    interruptPin = described.interrupt_pin
    msiVectors = Int(described.msi_vectors)
    msix =
      described.msix_vectors == 0
      ? nil
      : MSIX(
        vectors: Int(described.msix_vectors), tableBar: Int(described.msix_bar),
        tableOffset: Int(described.msix_offset), pendingBar: Int(described.msix_pba_bar),
        pendingOffset: Int(described.msix_pba_offset))
    maxPayloadBytes = described.max_payload == 0 ? 512 : Int(described.max_payload)
    var bars: [BarLayout] = []
    for index in 0..<PCIE_LINK_BARS {
      let bar = unsafe withUnsafePointer(to: described) {
        unsafe pcie_link_description_bar($0, CInt(index))
      }
      guard let kind = BarLayout.Kind(bar.kind) else { continue }
      bars.append(BarLayout(index: Int(index), bytes: bar.bytes, kind: kind))
    }
    self.bars = bars
  }
}

extension BarLayout.Kind {
  fileprivate init?(_ number: UInt32) {
    switch Int(number) {
    case Int(PCIE_LINK_BAR_MEMORY32): self = .memory32(prefetchable: false)
    case Int(PCIE_LINK_BAR_MEMORY32_PREFETCHABLE): self = .memory32(prefetchable: true)
    case Int(PCIE_LINK_BAR_MEMORY64): self = .memory64(prefetchable: false)
    case Int(PCIE_LINK_BAR_MEMORY64_PREFETCHABLE): self = .memory64(prefetchable: true)
    case Int(PCIE_LINK_BAR_IO): self = .io
    default: return nil
    }
  }
}
