/// The identifiers of capabilities in the first 256 bytes.
///
/// - Source: PCI Code and ID Assignment 1.11, section 2 "Capability IDs".
public struct CapabilityID: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let powerManagement = CapabilityID(rawValue: 0x01)
  public static let msi = CapabilityID(rawValue: 0x05)
  public static let vendorSpecific = CapabilityID(rawValue: 0x09)
  public static let express = CapabilityID(rawValue: 0x10)
  public static let msix = CapabilityID(rawValue: 0x11)
}

/// The identifiers of extended capabilities.
///
/// - Source: PCI Code and ID Assignment 1.11, section 3 "Extended Capability IDs".
public struct ExtendedCapabilityID: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  public static let advancedErrorReporting = ExtendedCapabilityID(rawValue: 0x0001)
  public static let deviceSerialNumber = ExtendedCapabilityID(rawValue: 0x0003)
  public static let vendorSpecific = ExtendedCapabilityID(rawValue: 0x000b)
  public static let accessControlServices = ExtendedCapabilityID(rawValue: 0x000d)
  public static let alternativeRoutingID = ExtendedCapabilityID(rawValue: 0x000e)
  public static let addressTranslation = ExtendedCapabilityID(rawValue: 0x000f)
  public static let singleRootVirtualization = ExtendedCapabilityID(rawValue: 0x0010)
  public static let pageRequest = ExtendedCapabilityID(rawValue: 0x0013)
  public static let processingHints = ExtendedCapabilityID(rawValue: 0x0017)
  public static let processAddressSpace = ExtendedCapabilityID(rawValue: 0x001b)
  public static let downstreamPortContainment = ExtendedCapabilityID(rawValue: 0x001d)
}
