import SuiteLanguage

/// What a topology offers to random scenarios: memory to write and read, functions that write and read host
/// memory, interrupts, links.
struct ExplorationGround: Sendable {
  /// A stretch of memory that nothing but the scenario touches.
  struct Region: Hashable, Sendable {
    /// The node that has it.
    let node: String
    /// The BAR's number; nil for host memory.
    let bar: Int?
    /// - Units: bytes.
    let start: UInt64
    /// - Units: bytes.
    let length: UInt64

    /// A byte of the region; the offset is that in the BAR or in host memory.
    func target(_ offset: UInt64) -> MemoryTarget {
      bar.map { .region(.node(node), .bar($0), offset: offset) } ?? .address(offset)
    }
  }

  /// An endpoint with its own part of host memory.
  struct Requester: Hashable, Sendable {
    let node: String
    let vectors: Int
    /// What the endpoint itself writes.
    let written: Region?
    /// What software writes and the endpoint reads.
    let read: Region?
  }

  let root: String
  let regions: [Region]
  let requesters: [Requester]
  let endpoints: [String]
  let links: [LinkDescription]
  let topology: Topology

  /// The most of a region or of host memory that scenarios use; more costs time and finds nothing.
  private static let windowMax: UInt64 = 64 << 10
  /// The registers of a DMA endpoint at the start of its BAR0.
  private static let registerBytes: UInt64 = 128
  /// Where the use of host memory begins.
  private static let hostStart: UInt64 = 4096

  /// Finds what a topology offers.
  ///
  /// - Throws: why nothing can be explored on it.
  init(_ topology: Topology) throws(ExplorationError) {
    guard let root = topology.root, topology.nodes.count > 1 else { throw .nothingToDo("no endpoint") }
    for node in topology.nodes where node.settings == nil { throw .processNode(node.name) }
    self.topology = topology
    self.root = root.name
    links = topology.links
    let nodes = topology.nodes.filter { $0.role == .endpoint }
    endpoints = nodes.map(\.name)
    regions = nodes.flatMap(Self.regions)
    let memory = min(root.settings?.memory ?? 0, Self.hostStart + UInt64(nodes.count) * 2 * Self.windowMax)
    let room = memory > Self.hostStart ? (memory - Self.hostStart) / UInt64(max(1, nodes.count) * 2) : 0
    let part = min(Self.windowMax, room / 64 * 64)
    requesters = nodes.enumerated().map { index, node in
      let start = Self.hostStart + UInt64(index) * 2 * part
      func half(_ number: UInt64) -> Region? {
        part < 64
          ? nil : Region(node: root.name, bar: nil, start: start + number * part, length: part)
      }
      return Requester(
        node: node.name, vectors: node.settings?.msixVectors ?? 0, written: half(0), read: half(1))
    }
    if regions.isEmpty && part < 64 { throw .nothingToDo("neither a memory BAR nor host memory") }
  }

  private static func regions(_ node: NodeDescription) -> [Region] {
    // Behind the BARs of a Revere-AMU and of an NVMe controller there are registers, and no memory.
    guard let settings = node.settings, ![.revereAMU, .nvme].contains(settings.model) else { return [] }
    return settings.bars.compactMap { bar in
      guard bar.space == .memory, bar.access == .readWrite else { return nil }
      let start = settings.model == .dmaEndpoint && bar.index == 0 ? registerBytes : 0
      let end = min(bar.size, windowMax)
      return end < start + 64
        ? nil : Region(node: node.name, bar: bar.index, start: start, length: end - start)
    }
  }

  /// The host memory that scenarios need.
  ///
  /// - Units: bytes.
  var hostMemory: UInt64 {
    requesters.compactMap(\.read).map { $0.start + $0.length }.max() ?? Self.hostStart
  }
}

/// Why a suite cannot be explored.
public enum ExplorationError: Error, Hashable {
  /// A node that is a process; exploration is in virtual time only.
  case processNode(String)
  /// What is missing.
  case nothingToDo(String)
  /// A case needs parts that this version does not have.
  case unbuilt([String])
  /// A generated suite was refused: a fault of this program.
  case refused(String)
  /// A case that failed ends otherwise once it is written and read: a fault of this program.
  case otherwise(String)
}

extension ExplorationError: CustomStringConvertible {
  /// What is wrong, in one line.
  public var description: String {
    switch self {
    case .processNode(let node): "node '\(node)' is a process; exploration takes built-in models only"
    case .nothingToDo(let what): "the topology has \(what), so there is nothing to do on it"
    case .unbuilt(let parts): "the case needs \(parts.joined(separator: " and ")), which this version lacks"
    case .refused(let text): "a generated case was refused: \(text)"
    case .otherwise(let text): "a generated case no longer fails in the same way once written: \(text)"
    }
  }
}
