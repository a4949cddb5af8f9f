public import PCIe

/// A capability that the offset of a register can count from, so that no suite holds a model's layout.
public enum CapabilityName: String, CaseIterable, Hashable, Sendable {
  case powerManagement = "pm"
  case msi
  case express
  case msix
  case advancedErrorReporting = "aer"
  case accessControlServices = "acs"
  case downstreamPortContainment = "dpc"
  case singleRootVirtualization = "sriov"
  case processAddressSpace = "pasid"
  case processingHints = "tph"
  case addressTranslation = "ats"

  /// The identifier in the list of capabilities that the name belongs to.
  public var id: ID {
    switch self {
    case .powerManagement: .common(.powerManagement)
    case .msi: .common(.msi)
    case .express: .common(.express)
    case .msix: .common(.msix)
    case .advancedErrorReporting: .extended(.advancedErrorReporting)
    case .accessControlServices: .extended(.accessControlServices)
    case .downstreamPortContainment: .extended(.downstreamPortContainment)
    case .singleRootVirtualization: .extended(.singleRootVirtualization)
    case .processAddressSpace: .extended(.processAddressSpace)
    case .processingHints: .extended(.processingHints)
    case .addressTranslation: .extended(.addressTranslation)
    }
  }

  /// An identifier in one of the two lists of capabilities.
  public enum ID: Hashable, Sendable {
    case common(CapabilityID)
    case extended(ExtendedCapabilityID)
  }
}
