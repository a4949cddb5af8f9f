import Endpoints
import LinkBroker
import PCIe
import SuiteLanguage

// From the names of a suite to addresses, as software found them.
extension CaseTopology {
  /// The function that a name stands for; nil when enumeration did not find it.
  func address(of target: FunctionTarget) -> FunctionAddress? {
    switch target {
    case .address(let address): return address
    case .port(let node, let link): return portAddress(node, link)
    case .node(let node): return nodeAddress(node)
    }
  }

  func nodeAddress(_ node: String) -> FunctionAddress? { addresses[node] ?? findAddress(of: node) }

  /// The address of a node by those of the ports above it.
  func findAddress(of node: String) -> FunctionAddress? {
    guard let link = description.linkAbove(node) else {
      // A root complex itself has no function: its first port stands for it.
      return description.linksBelow(node).first.flatMap { portAddress(node, $0.name) }
    }
    guard let port = portAddress(link.upstream, link.name) else { return nil }
    guard let bridge = functions.first(where: { $0.address == port }), bridge.secondaryBus != 0 else {
      return nil
    }
    return FunctionAddress(bus: bridge.secondaryBus, device: 0, function: 0)
  }

  /// Ports are devices of one bus in the order of their links: from 1 at the root complex, from 0 in a
  /// switch.
  func portAddress(_ node: String, _ link: String) -> FunctionAddress? {
    guard let place = description.linksBelow(node).firstIndex(where: { $0.name == link }) else { return nil }
    if description.linkAbove(node) == nil {
      return FunctionAddress(bus: 0, device: UInt8(truncatingIfNeeded: place + 1), function: 0)
    }
    guard let upstream = nodeAddress(node) else { return nil }
    guard let bridge = functions.first(where: { $0.address == upstream }), bridge.secondaryBus != 0 else {
      return nil
    }
    return FunctionAddress(bus: bridge.secondaryBus, device: UInt8(truncatingIfNeeded: place), function: 0)
  }

  /// Where an INTx wire of a node arrives: the root port, and the wire's name there after all swizzles.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.8.1 table 2-21.
  func wirePath(from node: String, _ wire: Int) -> (rootPort: FunctionAddress, wire: Int)? {
    guard let link = description.linkAbove(node) else { return nil }
    guard description.linkAbove(link.upstream) != nil else {
      return portAddress(link.upstream, link.name).map { ($0, wire) }
    }
    let device = description.linksBelow(link.upstream).firstIndex { $0.name == link.name } ?? 0
    return wirePath(
      from: link.upstream, InterruptWires.swizzle(wire, device: UInt8(truncatingIfNeeded: device)))
  }

  /// Where an INTx wire of any function arrives: the device of bus 0, and the wire's name there.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.8.1 table 2-21.
  func wirePath(from function: FunctionAddress, _ wire: Int) -> (device: UInt8, wire: Int)? {
    guard function.bus > 0 else { return (function.device, wire) }
    guard let bridge = functions.first(where: { $0.isBridge && $0.secondaryBus == function.bus }) else {
      return nil
    }
    return wirePath(from: bridge.address, InterruptWires.swizzle(wire, device: function.device))
  }

  /// The function behind a node's name as enumeration found it.
  func function(of node: String) -> DiscoveredFunction? {
    guard let address = nodeAddress(node) else { return nil }
    return functions.first { $0.address == address }
  }

  /// Where enumeration found a capability in a function's configuration space.
  func place(of capability: CapabilityName, _ target: FunctionTarget) -> Int? {
    guard let address = address(of: target), let function = functions.first(where: { $0.address == address })
    else { return nil }
    return switch capability.id {
    case .common(let id): function.capabilities[id.rawValue]
    case .extended(let id): function.extendedCapabilities[id.rawValue]
    }
  }

  /// The bus address of a byte of a region.
  func address(of target: FunctionTarget, _ region: FunctionRegion, offset: UInt64) -> UInt64? {
    switch (target, region) {
    case (.node(let node), _): return address(of: node, region, offset: offset)
    case (.address(let address), .bar(let index)):
      let bar = functions.first { $0.address == address }?.bar(index)
      return bar.map { $0.address &+ offset }
    default: return nil
    }
  }

  /// Whether a region is a BAR of I/O, whose addresses are no memory's.
  func isIO(_ region: FunctionRegion, of target: FunctionTarget) -> Bool {
    guard case .bar(let index) = region, let address = address(of: target) else { return false }
    return functions.first { $0.address == address }?.bar(index)?.layout.isIO ?? false
  }

  /// The bus address of a byte of a node's region.
  func address(of node: String, _ region: FunctionRegion, offset: UInt64) -> UInt64? {
    guard let function = function(of: node) else { return nil }
    switch region {
    case .bar(let index): return function.bar(index).map { $0.address &+ offset }
    case .msixTable: return interruptRegion(node, function, register: 4, offset)
    case .msixPending: return interruptRegion(node, function, register: 8, offset)
    }
  }

  /// The bus addresses of a region.
  func addresses(of node: String, _ region: FunctionRegion) -> ClosedRange<UInt64>? {
    guard let first = address(of: node, region, offset: 0), let bytes = bytes(of: node, region), bytes > 0
    else { return nil }
    return first...(first &+ (bytes - 1))
  }

  private func bytes(of node: String, _ region: FunctionRegion) -> UInt64? {
    let vectors = UInt64(clamping: endpoints[node]?.function.msixVectorCount ?? 0)
    return switch region {
    case .bar(let index): function(of: node)?.bar(index)?.layout.bytes
    case .msixTable: vectors * 16
    case .msixPending: (vectors + 63) / 64 * 8
    }
  }

  private func interruptRegion(
    _ node: String, _ function: DiscoveredFunction, register: Int, _ offset: UInt64
  ) -> UInt64? {
    guard let space = endpoints[node]?.function.space, let place = space.places.msix else { return nil }
    let word = space.doubleWord(place + register)
    guard let bar = function.bar(Int(word & 7)) else { return nil }
    return bar.address &+ UInt64(word & ~7) &+ offset
  }

  /// The configuration spaces that a name stands for: a root complex stands for all its ports.
  func spaces(of target: FunctionTarget) -> [ConfigurationSpace] {
    switch target {
    case .node(let node):
      if let function = endpoints[node]?.function { return [function.space] }
      if let model = switches[node] { return [model.router.functions[Switch.upstreamPort].space] }
      return node == description.root?.name ? rootComplex.core.ports.ports.map(\.bridge.space) : []
    case .port(let node, let link):
      guard let place = description.linksBelow(node).firstIndex(where: { $0.name == link }) else { return [] }
      if let model = switches[node] { return [model.router.functions[place + 1].space] }
      let ports = rootComplex.core.ports.ports
      return ports.indices.contains(place) ? [ports[place].bridge.space] : []
    case .address(let address):
      return allFunctions.filter { $0.address == address }.map(\.space)
    }
  }

  /// The configuration space of a function.
  func space(at place: FunctionPlace) -> ConfigurationSpace? {
    guard nodeNames.indices.contains(place.node) else { return nil }
    let name = nodeNames[place.node]
    if let function = endpoints[name]?.function { return function.space }
    if let model = switches[name] {
      return model.router.functions.indices.contains(place.port)
        ? model.router.functions[place.port].space : nil
    }
    let ports = name == description.root?.name ? rootComplex.core.ports.ports.indices : 0..<0
    return ports.contains(place.port) ? rootComplex.core.ports.ports[place.port].bridge.space : nil
  }

  /// What every function has recorded since enumeration, in the order of nodes and ports.
  var records: [FunctionRecord] {
    var ports: [String: Int] = [:]
    return allFunctions.map { function in
      let port = ports[function.node, default: 0]
      ports[function.node] = port + 1
      return FunctionRecord(
        place: FunctionPlace(node: nodeNumber(function.node) ?? 0, port: port), node: function.node,
        address: function.address, errors: function.space.recordedErrors)
    }
  }

  /// Every function of the topology with the node it belongs to.
  var allFunctions: [(node: String, address: FunctionAddress, space: ConfigurationSpace)] {
    var result: [(String, FunctionAddress, ConfigurationSpace)] = []
    for name in nodeNames {
      if let function = endpoints[name]?.function {
        result.append((name, function.id, function.space))
      } else if let model = switches[name] {
        for function in model.router.functions { result.append((name, function.id, function.space)) }
      } else if name == description.root?.name {
        for port in rootComplex.core.ports.ports { result.append((name, port.bridge.id, port.bridge.space)) }
      }
    }
    return result
  }
}

// Ways through the tree.
extension CaseTopology {
  /// The ID that requests of a node carry; nil when enumeration did not find its function.
  func requesterID(of node: String) -> FunctionAddress? {
    if node == description.root?.name { return rootComplex.core.requester.id }
    return nodeAddress(node)
  }

  /// The direction of the first link on the way from one node to another; nil when it is the same node.
  func direction(from node: String, towards target: String) -> LinkFault.Direction? {
    for link in description.linksBelow(node) where isWithin(target, link.downstream) {
      return linkNumbers[link.name].map { .init(link: $0, isDownstream: true) }
    }
    guard node != target, let above = description.linkAbove(node) else { return nil }
    return linkNumbers[above.name].map { .init(link: $0, isDownstream: false) }
  }

  /// Whether a node is another one or below it.
  private func isWithin(_ node: String, _ top: String) -> Bool {
    if node == top { return true }
    guard let above = description.linkAbove(node) else { return false }
    return isWithin(above.upstream, top)
  }
}
