import LinkBroker
import PCIe

@testable import Endpoints

/// A root complex and what hangs below it, for tests of enumeration and of traffic through it.
final class Hierarchy {
  var fabric = Fabric()
  let root: RootComplex
  private let rootNode: Int
  private var rootPorts = 0
  private(set) var functions: [DiscoveredFunction] = []

  private let layer: LinkLayer

  init(memoryBytes: Int = 1 << 20, layer: LinkLayer = .transaction) {
    self.layer = layer
    root = RootComplex(node: 0, memoryBytes: memoryBytes)
    rootNode = fabric.add(root)
  }

  /// Connects a node below the root complex; gives its number and its link's.
  @discardableResult
  func add(_ node: any FabricNode, maxPayloadBytes: Int = 256) -> (node: Int, link: Int) {
    defer { rootPorts += 1 }
    return add(node, below: rootNode, port: rootPorts, maxPayloadBytes: maxPayloadBytes)
  }

  /// Connects a node below a port of a switch.
  @discardableResult
  func add(
    _ node: any FabricNode, below upper: Int, port: Int, maxPayloadBytes: Int = 256
  ) -> (node: Int, link: Int) {
    let number = fabric.add(node)
    let link = fabric.connect(
      upstream: (upper, port), downstream: (number, 0),
      LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: maxPayloadBytes, layer: layer))
    return (number, link)
  }

  func enumerate() throws(EnumerationError) {
    functions = try Enumerator.run(root, in: &fabric)
    fabric.resetMeasurements()
    root.resetCounts()
  }

  func function(_ bus: UInt8, _ device: UInt8 = 0) -> DiscoveredFunction? {
    functions.first { $0.address == FunctionAddress(bus: bus, device: device, function: 0) }
  }

  func register(_ bus: UInt8, _ device: UInt8, _ offset: Int, size: Int = 4) -> UInt32 {
    root.configurationRead(
      of: FunctionAddress(bus: bus, device: device, function: 0), offset: offset, size: size, in: &fabric
    ).value
  }

  var violations: [Violation] { fabric.findings.map(\.violation) }
}

extension MemoryMock {
  /// A mock with memory BARs from BAR0 up, of so many bytes.
  static func with(_ bytes: UInt64..., msix: Int = 0, maxPayloadBytes: Int = 4096) throws -> MemoryMock {
    var configuration = MemoryMockConfiguration()
    configuration.bars = bytes.enumerated().map {
      MemoryBar(BarLayout(index: $0.offset, bytes: $0.element, kind: .memory32(prefetchable: false)))
    }
    configuration.msixVectorCount = msix
    configuration.maxPayloadBytes = maxPayloadBytes
    return try MemoryMock(configuration)
  }
}
