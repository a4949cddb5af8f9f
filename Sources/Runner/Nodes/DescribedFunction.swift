import Endpoints
import PCIe
import Transports

/// Makes the function that is kept for a program from what the program says of it.
enum DescribedFunction {
  /// - Parameter watchesRequests: whether the broker waits for completions of the program's requests, which
  ///   a wire without tags of its own does itself.
  static func endpoint(
    _ description: Transports.LinkDescription, watchesRequests: Bool
  ) throws(DescriptionError) -> OutsideEndpoint {
    let configuration = try configuration(description)
    do throws(EndpointError) {
      return try OutsideEndpoint(configuration, watchesRequests: watchesRequests)
    } catch { throw .function(error) }
  }

  private static func configuration(
    _ description: Transports.LinkDescription
  ) throws(DescriptionError) -> FunctionConfiguration {
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
      guard msix.tableBar == msix.pendingBar else {
        throw .dividedTable(table: msix.tableBar, pending: msix.pendingBar)
      }
      configuration.msix = MSIXLayout(
        vectorCount: msix.vectors,
        placement: .inside(
          bar: msix.tableBar, tableOffset: msix.tableOffset, pendingOffset: msix.pendingOffset))
    }
    return configuration
  }
}

/// Why no function can be kept for a program.
enum DescriptionError: Error, Hashable {
  case function(EndpointError)
  case dividedTable(table: Int, pending: Int)
}

extension DescriptionError: CustomStringConvertible {
  var description: String {
    switch self {
    case .function(let error): "its function cannot be: \(error)"
    case .dividedTable(let table, let pending):
      "its MSI-X table is in bar\(table) and its pending bits in bar\(pending); both must be in one BAR"
    }
  }
}
