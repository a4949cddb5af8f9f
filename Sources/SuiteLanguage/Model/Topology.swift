public import PCIe

/// The nodes of a case and the links that join them, fully resolved and checked to be one tree.
public struct Topology: Hashable, Sendable {
  /// In the order of the file.
  public var nodes: [NodeDescription]
  /// In the order of the file; that order numbers root ports and downstream ports.
  public var links: [LinkDescription]

  public init(nodes: [NodeDescription], links: [LinkDescription]) {
    self.nodes = nodes
    self.links = links
  }

  /// The node of that name.
  ///
  /// - Complexity: O(nodes).
  public func node(_ name: String) -> NodeDescription? { nodes.first { $0.name == name } }

  /// The link of that name.
  ///
  /// - Complexity: O(links).
  public func link(_ name: String) -> LinkDescription? { links.first { $0.name == name } }

  /// The links whose upper end is the node: its root ports or downstream ports, in order.
  public func linksBelow(_ node: String) -> [LinkDescription] { links.filter { $0.upstream == node } }

  /// The link whose lower end is the node; nil for the root.
  public func linkAbove(_ node: String) -> LinkDescription? { links.first { $0.downstream == node } }

  /// The root's link on the way to a node; nil for the root itself.
  public func rootLink(to node: String) -> LinkDescription? {
    guard let above = linkAbove(node) else { return nil }
    return rootLink(to: above.upstream) ?? above
  }

  /// The node at the top of the tree.
  public var root: NodeDescription? { nodes.first { $0.role == .rootComplex } }

  /// The wire of the link at which a program sits; nil for a node without a link.
  public func wire(of node: String) -> LinkWire? {
    links.first { $0.upstream == node || $0.downstream == node }?.wire
  }

  /// The root complex that stays from case to case; nil where each case has its own.
  public var keptRoot: NodeDescription? {
    guard let root, case .board(let board) = root.player, board.scope == .suite else { return nil }
    return root
  }

  /// Whether a program plays the root complex, so that software which the harness knows nothing of sets up
  /// what is below it.
  public var hasOutsideRoot: Bool { root.map { $0.model == nil } ?? false }
}

/// A link between a port that looks down and a port that looks up.
public struct LinkDescription: Hashable, Sendable {
  public var name: String
  /// The node nearer to the root: the root complex, or a switch, which gives a downstream port.
  public var upstream: String
  /// The node below: an endpoint, or a switch, which gives its upstream port.
  public var downstream: String
  public var speed: LinkSpeed
  /// - Units: lanes.
  public var width: Int
  /// The Max_Payload_Size both ends use.
  ///
  /// - Units: bytes, 128 to 4096.
  public var maxPayload: Int
  /// One-way delay besides serialisation; nil leaves the broker's default.
  public var latency: TimeSpan?
  /// How much of the link the suite wants modelled; what a case needs besides is in `CaseInstance.wiring`.
  public var layer = FaultLayer.transaction
  /// How a program at one of its ends is reached; without meaning on a link between models.
  public var wire = LinkWire.pcieLink
  public var span: SourceSpan

  /// The variable in which a program finds this link among several: the name in capitals, where a dash is an
  /// underscore.
  public var variable: String { Self.variable(of: name) }

  /// The variable of the link of that name.
  public static func variable(of name: String) -> String {
    "PCIE_LINK_" + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
  }
}
