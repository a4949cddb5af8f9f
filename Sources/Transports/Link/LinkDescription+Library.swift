import CPCIeLink
import PCIe

extension LinkDescription {
  /// What the library tells a program that its function is.
  var forProgram: pcie_link_description {
    var description = pcie_link_description()
    description.vendor_id = identity.vendorID
    description.device_id = identity.deviceID
    description.subsystem_vendor_id = identity.subsystemVendorID
    description.subsystem_id = identity.subsystemID
    description.class_code = identity.classCode
    description.revision = identity.revisionID
    description.interrupt_pin = interruptPin
    description.msi_vectors = UInt16(clamping: msiVectors)
    description.max_payload = UInt16(clamping: maxPayloadBytes)
    if let msix {
      description.msix_vectors = UInt16(clamping: msix.vectors)
      description.msix_bar = UInt8(clamping: msix.tableBar)
      description.msix_pba_bar = UInt8(clamping: msix.pendingBar)
      description.msix_offset = UInt32(clamping: msix.tableOffset)
      description.msix_pba_offset = UInt32(clamping: msix.pendingOffset)
    }
    func bar(_ index: Int) -> pcie_link_bar {
      guard let bar = bars.first(where: { $0.index == index }) else { return pcie_link_bar() }
      return pcie_link_bar(bytes: bar.bytes, kind: bar.kind.number, reserved: 0)
    }
    description.bars = (bar(0), bar(1), bar(2), bar(3), bar(4), bar(5))
    return description
  }
}

extension BarLayout.Kind {
  /// `PCIE_LINK_BAR_*`.
  fileprivate var number: UInt32 {
    let number =
      switch self {
      case .memory32(let isPrefetchable):
        isPrefetchable ? PCIE_LINK_BAR_MEMORY32_PREFETCHABLE : PCIE_LINK_BAR_MEMORY32
      case .memory64(let isPrefetchable):
        isPrefetchable ? PCIE_LINK_BAR_MEMORY64_PREFETCHABLE : PCIE_LINK_BAR_MEMORY64
      case .io: PCIE_LINK_BAR_IO
      }
    return UInt32(number)
  }
}
