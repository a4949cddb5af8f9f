import Endpoints
import PCIe
import SuiteLanguage
import Transports

/// Makes the function that is kept for a program from what the program says of it.
enum DescribedFunction {
  /// - Parameter watchesRequests: whether the broker waits for completions of the program's requests, which
  ///   a wire without tags of its own does itself.
  static func endpoint(
    _ description: Transports.LinkDescription, watchesRequests: Bool
  ) throws(EndpointError) -> OutsideEndpoint {
    let configuration = configuration(description)
    return try OutsideEndpoint(configuration, watchesRequests: watchesRequests)
  }

  private static func configuration(
    _ description: Transports.LinkDescription
  ) -> FunctionConfiguration {
    let identity = description.identity
    var header = HeaderLayout(
      vendorID: identity.vendorID, deviceID: identity.deviceID, classCode: identity.classCode,
      revisionID: identity.revisionID, subsystemVendorID: identity.subsystemVendorID,
      subsystemID: identity.subsystemID,
      bars: description.bars)
    header.interruptPin = description.interruptPin
    var configuration = FunctionConfiguration(header: header)
    configuration.device.maxPayloadBytes = description.maxPayloadBytes
    if description.msiVectors > 0 {
      configuration.msi = MSICapability(vectorCount: description.msiVectors, hasPerVectorMasking: true)
    }
    if let msix = description.msix {
      configuration.msix = MSIXLayout(
        vectorCount: msix.vectors,
        placement: .inside(
          tableBar: msix.tableBar, tableOffset: msix.tableOffset, pendingBar: msix.pendingBar,
          pendingOffset: msix.pendingOffset))
    }
    return configuration
  }
}
