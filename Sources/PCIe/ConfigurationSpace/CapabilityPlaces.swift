/// Where the capabilities of a space stand.
public struct CapabilityPlaces: Hashable, Sendable {
  private let offsets: [CapabilityID: Int]
  private let extended: [ExtendedCapabilityID: Int]
  // Looked up on the way of TLPs, hence outside the dictionaries. Zero for absent.
  @usableFromInline let expressOffset: Int
  @usableFromInline let msiOffset: Int
  @usableFromInline let msixOffset: Int
  @usableFromInline let powerManagementOffset: Int
  @usableFromInline let advancedErrorReportingOffset: Int

  init(offsets: [CapabilityID: Int], extended: [ExtendedCapabilityID: Int]) {
    self.offsets = offsets
    self.extended = extended
    expressOffset = offsets[.express] ?? 0
    msiOffset = offsets[.msi] ?? 0
    msixOffset = offsets[.msix] ?? 0
    powerManagementOffset = offsets[.powerManagement] ?? 0
    advancedErrorReportingOffset = extended[.advancedErrorReporting] ?? 0
  }

  /// The offset of a capability, the first one where there are several.
  public subscript(id: CapabilityID) -> Int? { offsets[id] }

  /// The offset of an extended capability, the first one where there are several.
  public subscript(id: ExtendedCapabilityID) -> Int? { extended[id] }

  /// The offset of this capability, nil without it.
  @inlinable public var express: Int? { expressOffset == 0 ? nil : expressOffset }
  /// The offset of this capability, nil without it.
  @inlinable public var msi: Int? { msiOffset == 0 ? nil : msiOffset }
  /// The offset of this capability, nil without it.
  @inlinable public var msix: Int? { msixOffset == 0 ? nil : msixOffset }
  /// The offset of this capability, nil without it.
  @inlinable public var powerManagement: Int? { powerManagementOffset == 0 ? nil : powerManagementOffset }
  /// The offset of this capability, nil without it.
  @inlinable public var advancedErrorReporting: Int? {
    advancedErrorReportingOffset == 0 ? nil : advancedErrorReportingOffset
  }
}
