/// How a counter is compared.
public enum CounterBound: Hashable, Sendable {
  case equals(UInt64)
  case atLeast(UInt64)
  case atMost(UInt64)

  /// Whether the value satisfies the bound.
  public func admits(_ value: UInt64) -> Bool {
    switch self {
    case .equals(let bound): value == bound
    case .atLeast(let bound): value >= bound
    case .atMost(let bound): value <= bound
    }
  }
}

/// A counter of a link or of a node.
public enum CounterReference: Hashable, Sendable {
  case link(String, LinkCounter)
  case node(String, NodeCounter)
}

/// What is counted on a link, both directions together.
public enum LinkCounter: String, CaseIterable, Hashable, Sendable {
  case memoryWrites = "mwr"
  case memoryReads = "mrd"
  case completions = "cpl"
  case completionsWithData = "cpld"
  case configurationReads = "cfgrd"
  case configurationWrites = "cfgwr"
  case messages = "msg"
  case inputOutput = "io"
  case atomics
  case tlps
  case bytes
  case replays
  case acks
  case naks

  /// One line for help and documentation.
  public var help: String {
    switch self {
    case .memoryWrites: "memory writes (MWr)"
    case .memoryReads: "memory reads (MRd)"
    case .completions: "completions without data (Cpl)"
    case .completionsWithData: "completions with data (CplD)"
    case .configurationReads: "configuration reads of both types"
    case .configurationWrites: "configuration writes of both types"
    case .messages: "messages, with and without data"
    case .inputOutput: "I/O reads and writes"
    case .atomics: "atomic operations"
    case .tlps: "all TLPs"
    case .bytes: "payload bytes of all TLPs"
    case .replays: "replays begun by the data link layer"
    case .acks: "Ack DLLPs"
    case .naks: "Nak DLLPs"
    }
  }

  /// True for what only a modelled data link layer can count.
  public var needsDataLinkLayer: Bool {
    switch self {
    case .replays, .acks, .naks: true
    default: false
    }
  }
}

/// What is counted at a node: received at a root complex, sent by an endpoint.
public enum NodeCounter: String, CaseIterable, Hashable, Sendable {
  case msix
  case msi
  case intx
  case requests
  case completions
  case timeouts

  /// One line for help and documentation.
  public var help: String {
    switch self {
    case .msix: "MSI-X interrupts: arrived at a root complex, sent by an endpoint"
    case .msi: "MSI interrupts: arrived at a root complex, sent by an endpoint"
    case .intx: "INTx assertions: arrived at a root complex, sent by an endpoint"
    case .requests: "requests the node sent"
    case .completions: "completions the node received"
    case .timeouts: "requests of the node that ended in a completion timeout"
    }
  }
}
