import LinkBroker
import PCIe

extension Enumerator {
  /// Clears the error bits that looking for absent functions has set.
  func clearErrors(
    of functions: ArraySlice<DiscoveredFunction>, in fabric: inout Fabric
  ) throws(EnumerationError) {
    let errors: UInt32 = 0xf900
    for function in functions {
      let address = function.address
      try write(address, HeaderRegister.status, 2, errors, in: &fabric)
      if function.isBridge { try write(address, HeaderRegister.secondaryStatus, 2, errors, in: &fabric) }
      if let place = function.capabilities[CapabilityID.express.rawValue] {
        try write(address, place + ExpressCapability.Register.deviceStatus, 2, 0xf, in: &fabric)
      }
      guard let place = function.extendedCapabilities[ExtendedCapabilityID.advancedErrorReporting.rawValue]
      else { continue }
      typealias Register = AdvancedErrorReportingCapability.Register
      try write(address, place + Register.uncorrectableStatus, 4, .max, in: &fabric)
      try write(address, place + Register.correctableStatus, 4, .max, in: &fabric)
      guard function.parent == nil, function.isBridge else { continue }
      try write(address, place + Register.rootErrorStatus, 4, 0x7f, in: &fabric)
    }
  }
}
