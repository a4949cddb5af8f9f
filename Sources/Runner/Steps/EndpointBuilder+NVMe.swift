import Endpoints
import Nodes
import SuiteLanguage

extension EndpointBuilder {
  static func nvme(_ name: String, _ settings: ModelSettings, seed: UInt64) throws(TopologyError)
    -> any BusMasteringEndpoint
  {
    var configuration = NVMeConfiguration()
    let own = settings.nvme ?? NVMeSettings()
    configuration.queueCount = own.queues
    configuration.msixVectorCount = settings.msixVectors
    configuration.seed = seed
    configuration.namespaces = []
    for namespace in own.namespaces {
      configuration.namespaces.append(
        NVMeNamespace(storage: try storage(of: namespace, node: name), blockBytes: Int(namespace.block)))
    }
    let identity = settings.identity
    configuration.vendorID = identity.vendor ?? configuration.vendorID
    configuration.deviceID = identity.device ?? configuration.deviceID
    configuration.classCode = identity.classCode ?? configuration.classCode
    configuration.revisionID = identity.revision ?? configuration.revisionID
    configuration.subsystemVendorID = identity.subsystemVendor ?? configuration.subsystemVendorID
    configuration.subsystemID = identity.subsystemDevice ?? configuration.subsystemID
    do throws(EndpointError) { return try NVMeController(configuration) } catch {
      throw .endpoint(node: name, error)
    }
  }

  private static func storage(
    of namespace: NVMeSettings.Namespace, node: String
  ) throws(TopologyError) -> any NamespaceStorage {
    switch namespace.storage {
    case .memory(let size): return MemoryStorage(byteCount: size)
    case .file(let path):
      do throws(SystemError) { return FileStorage(try BlockFile(path)) } catch {
        throw .namespace(node: node, error)
      }
    }
  }
}
