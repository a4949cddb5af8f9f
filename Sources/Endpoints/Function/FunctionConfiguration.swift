public import PCIe

/// What a function is made of: identity, BARs and capabilities.
public struct FunctionConfiguration: Hashable, Sendable {
  /// Identity and BARs; the one that holds the MSI-X table by itself is added to them.
  public var header: HeaderLayout
  public var msix: MSIXLayout?
  public var msi: MSICapability?
  public var powerManagement: PowerManagementCapability?
  /// By default the function takes the largest payload that there is.
  public var device = ExpressCapability.DeviceFeatures(maxPayloadBytes: 4096)
  public var hasAdvancedErrorReporting = true
  public var serialNumber: UInt64?
  public var virtualization: SingleRootVirtualizationCapability?
  public var processAddressSpace: ProcessAddressSpaceCapability?
  public var addressTranslation: AddressTranslationCapability?
  public var processingHints: ProcessingHintsCapability?
  /// The memory BARs in which AtomicOps work; requests to the others end as unsupported requests.
  public var atomicBars: [Int] = []

  /// A function with power management, PCI Express and advanced error reporting.
  public init(header: HeaderLayout) {
    self.header = header
    powerManagement = PowerManagementCapability()
  }
}

/// The vectors of MSI-X and where their table stands.
public struct MSIXLayout: Hashable, Sendable {
  /// Where table and pending bits stand.
  public enum Placement: Hashable, Sendable {
    /// In the first BAR that no other one takes: the table at its start, the pending bits right behind.
    case ownBar
    /// In BARs that serve the model as well, which may be the same.
    case inside(tableBar: Int, tableOffset: Int, pendingBar: Int, pendingOffset: Int)
  }

  /// 1 to 2048.
  public var vectorCount: Int
  public var placement: Placement

  public init(vectorCount: Int, placement: Placement = .ownBar) {
    self.vectorCount = vectorCount
    self.placement = placement
  }
}

extension FunctionConfiguration {
  /// The configuration space, and the MSI-X table when there is one.
  ///
  /// - Throws: what the builder finds, or that no BAR is left for the MSI-X table.
  func build() throws(EndpointError) -> (space: ConfigurationSpace, table: MSIXTable?) {
    var header = header
    var capability: MSIXCapability?
    if let msix { capability = try place(msix, in: &header) }
    do {
      let space = try build(header, capability)
      let table = capability.map { MSIXTable($0, ownsBar: msix?.placement == .ownBar) }
      return (space, table)
    } catch {
      throw .configurationSpace(error)
    }
  }

  private func build(
    _ header: HeaderLayout, _ msix: MSIXCapability?
  ) throws(ConfigurationSpaceError) -> ConfigurationSpace {
    var builder = try ConfigurationSpaceBuilder(header: header)
    if let powerManagement { try builder.add(powerManagement) }
    if let msi { try builder.add(msi) }
    var device = device
    if !atomicBars.isEmpty { device.atomics.formUnion([.completer32, .completer64, .compareAndSwap128]) }
    var express = ExpressCapability(portType: .endpoint, device: device)
    express.isVirtualFunction = header.isVirtualFunction
    try builder.add(express)
    if let msix { try builder.add(msix) }
    if hasAdvancedErrorReporting {
      var errors = AdvancedErrorReportingCapability()
      errors.isVirtualFunction = header.isVirtualFunction
      try builder.add(errors)
    }
    // Every device with virtual functions has it: PCI Express Base 5.0, 9.3.7.
    if virtualization != nil || header.isVirtualFunction { try builder.add(AlternativeRoutingIDCapability()) }
    if let virtualization { try builder.add(virtualization) }
    if let processAddressSpace { try builder.add(processAddressSpace) }
    if var addressTranslation {
      addressTranslation.isVirtualFunction = header.isVirtualFunction
      try builder.add(addressTranslation)
    }
    if let processingHints { try builder.add(processingHints) }
    if let serialNumber { try builder.add(DeviceSerialNumberCapability(serialNumber: serialNumber)) }
    return try builder.build()
  }

  private func place(_ msix: MSIXLayout, in header: inout HeaderLayout) throws(EndpointError)
    -> MSIXCapability
  {
    switch msix.placement {
    case .inside(let tableBar, let tableOffset, let pendingBar, let pendingOffset):
      return MSIXCapability(
        vectorCount: msix.vectorCount, tableBar: tableBar, tableOffset: UInt32(clamping: tableOffset),
        pbaBar: pendingBar, pbaOffset: UInt32(clamping: pendingOffset))
    case .ownBar:
      guard let index = header.firstFreeBar else { throw .noBarForMSIX }
      let capability = MSIXCapability(vectorCount: msix.vectorCount, alone: index)
      header.bars.append(capability.ownBar)
      return capability
    }
  }
}

extension MSIXCapability {
  /// Table and pending bits alone in a BAR: the table at its start, the pending bits right behind.
  public init(vectorCount: Int, alone bar: Int) {
    self.init(
      vectorCount: vectorCount, tableBar: bar, tableOffset: 0, pbaBar: bar,
      pbaOffset: UInt32(clamping: vectorCount * 16))
  }

  /// The BAR that both need when nothing else is in it.
  public var ownBar: BarLayout {
    var bytes: UInt64 = 4096
    while bytes < UInt64(tableBytes + pbaBytes) { bytes *= 2 }
    return BarLayout(index: tableBar, bytes: bytes, kind: .memory32(prefetchable: false))
  }
}

extension HeaderLayout {
  /// The lowest slot that no BAR takes.
  var firstFreeBar: Int? {
    (0..<barSlots).first { slot in !bars.contains { $0.slots.contains(slot) } }
  }
}
