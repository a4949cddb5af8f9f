import PCIe

/// Half a register of a function as software saves it, to write it back after a reset.
struct SavedRegister {
  var offset: Int
  var value: UInt16

  /// What enumeration has set up, in the order in which it is written back: decoding comes last.
  ///
  /// - Source: Linux, `pci_restore_state`.
  static func all(of space: ConfigurationSpace) -> [SavedRegister] {
    var offsets = Array(stride(from: HeaderRegister.bar(0), to: HeaderRegister.bar(6), by: 2))
    if let place = space.places.express {
      offsets.append(place + ExpressCapability.Register.deviceControl)
    }
    if let place = space.places[.singleRootVirtualization] {
      typealias Register = SingleRootVirtualizationCapability.Register
      offsets.append(place + Register.systemPageSize)
      offsets += stride(from: place + Register.vfBar0, to: place + Register.vfBar0 + 24, by: 2)
    }
    if let place = space.places[.advancedErrorReporting] {
      offsets.append(place + AdvancedErrorReportingCapability.Register.correctableMask)
    }
    offsets.append(HeaderRegister.command)
    if let place = space.places.msix { offsets.append(place + 2) }
    return offsets.map { SavedRegister(offset: $0, value: space.word($0)) }
  }
}
