import Endpoints
import PCIe
import SuiteLanguage

/// Makes endpoint models from what a suite says about them.
enum EndpointBuilder {
  static func endpoint(
    _ name: String, _ settings: ModelSettings, seed: UInt64
  ) throws(TopologyError) -> any BusMasteringEndpoint {
    do throws(EndpointError) {
      if settings.model == .dmaEndpoint { return try DMAEndpoint(dmaEndpoint(settings, seed: seed)) }
      return try MemoryMock(memoryMock(settings))
    } catch {
      throw .endpoint(node: name, error)
    }
  }

  private static func memoryMock(_ settings: ModelSettings) -> MemoryMockConfiguration {
    var configuration = MemoryMockConfiguration()
    configuration.bars = settings.bars.map(bar)
    configuration.msixVectorCount = settings.msixVectors
    configuration.msiVectorCount = settings.msiVectors
    let identity = settings.identity
    configuration.vendorID = identity.vendor ?? configuration.vendorID
    configuration.deviceID = identity.device ?? configuration.deviceID
    configuration.classCode = identity.classCode ?? configuration.classCode
    configuration.revisionID = identity.revision ?? configuration.revisionID
    configuration.subsystemVendorID = identity.subsystemVendor ?? configuration.subsystemVendorID
    configuration.subsystemID = identity.subsystemDevice ?? configuration.subsystemID
    return configuration
  }

  private static func dmaEndpoint(_ settings: ModelSettings, seed: UInt64) -> DMAEndpointConfiguration {
    var configuration = DMAEndpointConfiguration()
    if !settings.bars.isEmpty { configuration.bars = settings.bars.map(bar) }
    configuration.msixVectorCount = settings.msixVectors
    configuration.msiVectorCount = settings.msiVectors
    configuration.seed = seed
    let identity = settings.identity
    configuration.vendorID = identity.vendor ?? configuration.vendorID
    configuration.deviceID = identity.device ?? configuration.deviceID
    configuration.classCode = identity.classCode ?? configuration.classCode
    configuration.revisionID = identity.revision ?? configuration.revisionID
    configuration.subsystemVendorID = identity.subsystemVendor ?? configuration.subsystemVendorID
    configuration.subsystemID = identity.subsystemDevice ?? configuration.subsystemID
    return configuration
  }

  private static func bar(_ description: BarDescription) -> MemoryBar {
    let kind: BarLayout.Kind =
      switch description.space {
      case .io: .io
      case .memory:
        description.is64Bit
          ? .memory64(prefetchable: description.isPrefetchable)
          : .memory32(prefetchable: description.isPrefetchable)
      }
    let layout = BarLayout(index: description.index, bytes: description.size, kind: kind)
    return description.access == .readOnly ? .counting(layout) : MemoryBar(layout)
  }
}
