import Endpoints
import PCIe
import SuiteLanguage

/// Makes endpoint models from what a suite says about them.
enum EndpointBuilder {
  static func endpoint(
    _ name: String, _ settings: ModelSettings, seed: UInt64
  ) throws(TopologyError) -> any BusMasteringEndpoint {
    if settings.model == .nvme { return try nvme(name, settings, seed: seed) }
    do throws(EndpointError) {
      if settings.model == .revereAMU { return try RevereAMU(revereAMU(settings)) }
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

  private static func revereAMU(_ settings: ModelSettings) -> RevereAMUConfiguration {
    var configuration = RevereAMUConfiguration()
    let sizes = settings.amu ?? AMUSettings()
    configuration.softwareContexts = sizes.softwareContexts
    configuration.hardwareContexts = sizes.hardwareContexts
    configuration.sessions = sizes.sessions
    configuration.virtualFunctions = sizes.virtualFunctions
    configuration.sockets = sizes.sockets
    configuration.socketType = sizes.socketType == "b" ? .tables : .registers
    configuration.agents = sizes.accelerators.compactMap(Accelerators.named)
    configuration.msixVectorCount = settings.msixVectors
    let identity = settings.identity
    configuration.identity.vendorID = identity.vendor ?? configuration.identity.vendorID
    configuration.identity.deviceID = identity.device ?? configuration.identity.deviceID
    configuration.identity.classCode = identity.classCode ?? configuration.identity.classCode
    configuration.identity.revisionID = identity.revision ?? configuration.identity.revisionID
    configuration.identity.subsystemVendorID =
      identity.subsystemVendor ?? configuration.identity.subsystemVendorID
    configuration.identity.subsystemID = identity.subsystemDevice ?? configuration.identity.subsystemID
    return configuration
  }

  private static func bar(_ description: BarDescription) -> MemoryBar {
    let layout = BarLayout(description)
    return description.access == .readOnly ? .counting(layout) : MemoryBar(layout)
  }
}

extension BarLayout {
  /// The register that a suite asks for.
  init(_ description: BarDescription) {
    let kind: Kind =
      switch description.space {
      case .io: .io
      case .memory:
        description.is64Bit
          ? .memory64(prefetchable: description.isPrefetchable)
          : .memory32(prefetchable: description.isPrefetchable)
      }
    self.init(index: description.index, bytes: description.size, kind: kind)
  }
}
