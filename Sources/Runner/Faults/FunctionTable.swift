import Endpoints
import LinkBroker
import PCIe
import SuiteLanguage

/// A function of a case: the node that has it, and the number of the port it belongs to.
struct FunctionPlace: Hashable {
  let node: Int
  let port: Int
}

/// All functions of a case, with the IDs and the addresses by which TLPs reach them.
struct FunctionTable {
  struct Entry {
    let place: FunctionPlace
    /// The name of the node.
    let node: String
    /// Where enumeration found it.
    let address: FunctionAddress
    fileprivate let bars: [Range<UInt64>]
  }

  /// In the order of nodes and ports.
  private(set) var entries: [Entry] = []
  /// The node of the root complex, and the ID of its own requests.
  private let root: (node: Int, id: FunctionAddress)
  private let memoryBytes: UInt64

  /// - Complexity: O(functions · links).
  init(_ topology: borrowing CaseTopology) {
    let rootName = topology.description.root?.name ?? ""
    root = (topology.nodeNumber(rootName) ?? 0, topology.rootComplex.core.requester.id)
    memoryBytes = topology.description.root?.settings?.memory ?? 0
    for name in topology.nodeNames {
      let isSwitch = topology.switches[name] != nil
      if name != rootName { add(name, 0, topology.nodeAddress(name), topology) }
      for (index, link) in topology.description.linksBelow(name).enumerated() {
        add(name, isSwitch ? index + 1 : index, topology.portAddress(name, link.name), topology)
      }
    }
  }

  private mutating func add(
    _ name: String, _ port: Int, _ address: FunctionAddress?, _ topology: borrowing CaseTopology
  ) {
    guard let address, let node = topology.nodeNumber(name) else { return }
    let found = topology.functions.first { $0.address == address }
    let bars = found?.bars.filter { $0.layout.bytes > 0 }.map { $0.address..<($0.address + $0.layout.bytes) }
    entries.append(
      Entry(
        place: FunctionPlace(node: node, port: port), node: name, address: address, bars: bars ?? []))
  }

  /// The function with an ID; nil for IDs that nobody has.
  func place(of id: FunctionAddress) -> FunctionPlace? { entries.first { $0.address == id }?.place }

  subscript(place: FunctionPlace) -> Entry? { entries.first { $0.place == place } }

  /// The functions of a node.
  func places(of node: String) -> [FunctionPlace] { entries.filter { $0.node == node }.map(\.place) }

  /// The functions of a node by its number.
  func places(of node: Int) -> [FunctionPlace] {
    entries.filter { $0.place.node == node }.map(\.place)
  }

  /// The function whose requests carry an ID; those of the root complex itself leave by a root port.
  func requester(_ id: FunctionAddress, rootPort: FunctionPlace?) -> FunctionPlace? {
    id == root.id ? rootPort : place(of: id)
  }

  /// The function that a request is for, or that a completion comes from; nil when nobody claims it.
  func completer(of header: TLPHeader, rootPort: FunctionPlace?) -> FunctionPlace? {
    if header.isCompletionShaped { return requester(header.completerID, rootPort: rootPort) }
    guard let kind = header.kind else { return nil }
    if kind.isConfigurationRequest { return place(of: header.destinationID) }
    guard kind.isMemoryRequest || kind == .ioRead || kind == .ioWrite else { return nil }
    if let claims = entries.first(where: { $0.bars.contains { $0.contains(header.address) } }) {
      return claims.place
    }
    return header.address < memoryBytes ? rootPort : nil
  }
}
