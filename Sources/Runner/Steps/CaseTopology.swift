import Endpoints
import LinkBroker
import Nodes
import PCIe
import Simulation
import SuiteLanguage

/// The fabric of one case with its nodes and links by name.
struct CaseTopology: ~Copyable {
  var fabric: Fabric
  let description: Topology
  /// The model at the top; where a program is there, one that nothing is connected to.
  let rootComplex: RootComplex
  /// The names of nodes in the order of their numbers on the fabric.
  private(set) var nodeNames: [String] = []
  /// Models and programs for which a function is kept; a program that owns its function is not among them.
  private(set) var endpoints: [String: any Endpoint] = [:]
  private(set) var switches: [String: Switch] = [:]
  private(set) var linkNumbers: [String: Int] = [:]
  /// What enumeration found; empty before it.
  private(set) var functions: [DiscoveredFunction] = [] {
    didSet {
      // Names are looked up for each step, through every link above.
      addresses = [:]
      for name in nodeNames { addresses[name] = findAddress(of: name) }
    }
  }
  /// The addresses of nodes by their names, for those that have one.
  private(set) var addresses: [String: FunctionAddress] = [:]

  /// The drivers of Revere-AMU nodes.
  private var drivers: [String: AMUSoftware] = [:]

  private let source: any NodeSource
  /// The nodes that are processes; nil where every node is a model.
  let outside: OutsideNodes?

  private init(
    _ description: Topology, memoryBytes: Int, from source: any NodeSource, outside: OutsideNodes?
  ) {
    self.description = description
    self.outside = outside
    self.source = source
    // Room for what software may set, whatever the links take: a TLP that is too large is to be seen.
    fabric = Fabric(maxPayloadBytes: 4096)
    rootComplex = RootComplex(node: 0, memoryBytes: memoryBytes)
  }

  /// Builds nodes and links; nothing has travelled yet.
  static func build(
    _ description: Topology, seed: UInt64, from source: any NodeSource = ProductNodes(),
    outside: OutsideNodes? = nil
  ) throws(TopologyError) -> CaseTopology {
    guard let root = description.root else { throw .noRootComplex }
    var topology = CaseTopology(
      description, memoryBytes: Int(clamping: root.settings?.memory ?? 0), from: source, outside: outside)
    try topology.add(root, seed: seed)
    try topology.shareMemory(of: root)
    for node in description.nodes where node.name != root.name { try topology.add(node, seed: seed) }
    for link in description.links { topology.connect(link) }
    topology.waitForHosts()
    source.prepare(&topology.fabric)
    return topology
  }

  /// Puts a part of host memory where devices outside can map it.
  private func shareMemory(of root: NodeDescription) throws(TopologyError) {
    guard let size = root.settings?.shared, size > 0 else { return }
    do throws(MappedBar.Problem) {
      let memory = try MappedBar(0, bytes: Int(size))
      rootComplex.share(memory)
      outside?.sharedMemory = (memory.descriptor, UInt64(rootComplex.core.memory.byteCount), size)
    } catch { throw .memory(node: root.name, error) }
  }

  /// Has models wait for completions of a QEMU, which is slower than hardware and may be kept from running.
  private func waitForHosts() {
    for link in description.links {
      guard let host = outside?[link.upstream], host.board.wire(on: link.wire) == .vfioUser else { continue }
      endpoints[link.downstream]?.function.setLeastCompletionTimeout(.seconds(1))
    }
  }

  private mutating func add(_ model: any FabricNode, named name: String) {
    let number = fabric.add(source.node(model, named: name))
    precondition(number == nodeNames.count, "nodes are numbered in the order they are added")
    nodeNames.append(name)
  }

  private mutating func add(_ node: NodeDescription, seed: UInt64) throws(TopologyError) {
    guard let settings = node.settings else { return try addProcess(node) }
    switch settings.model {
    case .switch:
      let model = Switch(downstreamPorts: max(1, description.linksBelow(node.name).count))
      switches[node.name] = model
      add(model, named: node.name)
    case .memoryMock, .dmaEndpoint, .revereAMU, .nvme:
      let model = try source.endpoint(node.name, settings, seed: FixedHash.seed(seed, node.name))
      endpoints[node.name] = model
      try share(settings.bars.filter(\.isMapped), of: model, named: node.name)
      add(model, named: node.name)
    case .rootComplex where node.name == description.root?.name: add(rootComplex, named: node.name)
    case .rootComplex:
      throw .notBuilt(node: node.name, what: "a second \(settings.model.rawValue)")
    }
  }

  /// Puts BARs where a host can map them, if it speaks vfio-user; for anybody else nothing is different.
  private mutating func share(
    _ bars: [BarDescription], of model: any BusMasteringEndpoint, named name: String
  ) throws(TopologyError) {
    guard let outside, let sharing = model as? any BarSharing else { return }
    for bar in bars {
      do throws(MappedBar.Problem) {
        let mapped = try MappedBar(bar.index, bytes: Int(bar.size))
        sharing.share(bar.index, in: mapped)
        outside.mappedBars[name, default: []].append(mapped)
      } catch { throw .memory(node: name, error) }
    }
  }

  /// A process has its number among the nodes, and a port where it has a link.
  private mutating func addProcess(_ node: NodeDescription) throws(TopologyError) {
    guard let process = outside?[node.name] else {
      throw .notBuilt(node: node.name, what: "a process")
    }
    process.number = nodeNames.count
    if process.ends.isEmpty { add(AbsentNode(), named: node.name) }
    for end in process.ends {
      end.number = nodeNames.count
      add(end.place ?? AbsentNode(), named: node.name)
      if let endpoint = end.place as? OutsideEndpoint { endpoints[node.name] = endpoint }
    }
  }

  /// Puts the place of a program that has come later, or again, on the fabric.
  mutating func seat(_ end: OutsideNodeEnd, of node: String) {
    guard let place = end.place else { return }
    fabric.replace(end.number, by: source.node(place, named: node))
    endpoints[node] = place as? OutsideEndpoint
  }

  private mutating func connect(_ link: LinkDescription) {
    let siblings = description.linksBelow(link.upstream)
    let place = siblings.firstIndex { $0.name == link.name } ?? 0
    let port = switches[link.upstream] == nil ? place : place + 1
    guard let upper = nodeNumber(link.upstream), let lower = nodeNumber(link.downstream) else { return }
    let end = outside?[link.upstream]?.ends.first { $0.link == link.name }
    let number = fabric.connect(
      upstream: end.map { ($0.number, 0) } ?? (upper, port), downstream: (lower, 0), LinkConfiguration(link))
    linkNumbers[link.name] = number
    let ends = [link.upstream, link.downstream].flatMap { outside?[$0]?.ends ?? [] }
    if ends.contains(where: { $0.link == link.name && $0.isAwaited }) {
      fabric.takeDown(link: number, .disabled)
    }
  }

  /// Lets the root complex find and set up everything, and starts all counts anew.
  ///
  /// Where a program is the root complex, it sets up what it will, or is set up when it is there.
  mutating func enumerate() throws(EnumerationError) {
    if !description.hasOutsideRoot { functions = try Enumerator.run(host, in: &fabric) }
    startCounts()
  }

  /// What does the steps by the root complex where that is QEMU without a guest; nil elsewhere.
  var program: QTestProcessor? { outside?.processor }

  /// What does the steps by the root complex: its model, or the program's processor.
  var host: any HostProcessor { program ?? rootComplex }

  /// The outcome of an operation of the host, nil while it goes on; asked for after each event.
  func status(of operation: RequestOperation) -> RequestStatus? {
    if let program { program.status(of: operation) } else { rootComplex.status(of: operation) }
  }

  /// Finds and sets up everything below a program's processor, and starts all counts anew.
  mutating func scan() throws(EnumerationError) {
    functions = try Enumerator.run(host, in: &fabric)
    startCounts()
  }

  /// Finds and sets up what has come to the slot of a port meanwhile.
  mutating func scan(below port: FunctionAddress) throws(EnumerationError) {
    try setPower(true, of: port)
    functions = try Enumerator.renew(functions, below: port, host, in: &fabric)
  }

  /// Switches the power of the slot of a port.
  mutating func setPower(_ isOn: Bool, of port: FunctionAddress) throws(EnumerationError) {
    guard let function = functions.first(where: { $0.address == port }) else { return }
    try Enumerator.setPower(isOn, of: function, host, in: &fabric)
  }

  private mutating func startCounts() {
    // So that the last Acks of enumeration are not taken for the first ones of the case.
    if description.links.contains(where: { $0.layer == .dataLink }) {
      fabric.run(until: fabric.now + Self.acknowledgementTime)
    }
    addDrivers()
    rootComplex.resetCounts()
    for endpoint in endpoints.values { endpoint.function.resetCounts() }
    for model in switches.values { model.resetCounts() }
    fabric.resetMeasurements()
  }

  /// Lets models and counts begin anew for a case that goes on with what another one has left.
  mutating func renew(seed: UInt64) {
    rootComplex.resetCounts()
    for (name, endpoint) in endpoints {
      endpoint.function.resetCounts()
      endpoint.reseed(FixedHash.seed(seed, name))
    }
    for model in switches.values { model.resetCounts() }
    for host in outsideHosts() { host.forgetInterrupts() }
    fabric.resetMeasurements()
    fabric.renewPatience()
  }

  /// The time after enumeration in which data link layers come to rest.
  private static let acknowledgementTime = VirtualDuration.microseconds(100)

  /// What plays the driver of a Revere-AMU; nil when enumeration did not find it.
  func software(of node: String) -> AMUSoftware? { drivers[node] }

  /// Registers are saved as enumeration has set them.
  private mutating func addDrivers() {
    for (node, endpoint) in endpoints {
      guard let unit = endpoint as? RevereAMU, let found = function(of: node) else { continue }
      drivers[node] = AMUSoftware(node: node, unit: unit, root: rootComplex, discovered: found)
    }
  }

  /// A program at several links is several nodes of the fabric, of which the first one stands for it.
  func nodeNumber(_ name: String) -> Int? { nodeNames.firstIndex(of: name) }
}

/// Why a topology could not be built.
enum TopologyError: Error {
  case noRootComplex
  case notBuilt(node: String, what: String)
  case endpoint(node: String, EndpointError)
  case namespace(node: String, SystemError)
  case memory(node: String, MappedBar.Problem)
}

extension TopologyError: CustomStringConvertible {
  var description: String {
    switch self {
    case .noRootComplex: "the topology has no root complex at its top"
    case .notBuilt(let node, let what): "node '\(node)' needs \(what), which this version does not have"
    case .memory(let node, let error): "node '\(node)': \(error)"
    case .endpoint(let node, let error): "node '\(node)': \(error)"
    case .namespace(let node, let error): "node '\(node)': the file of a namespace: \(error)"
    }
  }
}

extension LinkConfiguration {
  init(_ link: LinkDescription) {
    self.init(
      speed: link.speed, width: link.width,
      maxPayloadBytes: link.maxPayload)
    if let latency = link.latency { self.latency = VirtualDuration(picoseconds: latency.picoseconds) }
    if link.layer == .dataLink { layer = .dataLink }
  }
}
