import SuiteLanguage

/// A topology as text that people and programs turn into pictures.
struct TopologyPicture {
  let topology: Topology

  init(_ topology: Topology) { self.topology = topology }

  /// What plays a node and where it stands, such as `rc (root-complex)` or `mem (memory-mock, endpoint)`.
  private func label(_ node: NodeDescription) -> String {
    let player =
      switch node.player {
      case .model(let settings): settings.model.rawValue
      case .board(let board): board.board
      }
    let role = node.role.rawValue
    return "\(node.name) (\(player == role ? player : "\(player), \(role)"))"
  }

  private func label(_ name: String) -> String { topology.node(name).map(label) ?? name }

  private func label(_ link: LinkDescription) -> String {
    "\(link.name) \(link.speed.suiteText) x\(link.width)"
  }

  /// A line for a single link, a tree for more.
  var ascii: String {
    if topology.links.count == 1 {
      let link = topology.links[0]
      return "\(label(link.upstream)) ── \(label(link)) ── \(label(link.downstream))"
    }
    let roots = topology.nodes.filter { topology.linkAbove($0.name) == nil }
    return roots.map { ([label($0)] + branches(below: $0.name, indent: "")).joined(separator: "\n") }
      .joined(separator: "\n")
  }

  private func branches(below node: String, indent: String) -> [String] {
    let links = topology.linksBelow(node)
    return links.enumerated().flatMap { index, link in
      let isLast = index == links.count - 1
      let line = "\(indent)\(isLast ? "└" : "├")─ \(label(link)) ── \(label(link.downstream))"
      return [line] + branches(below: link.downstream, indent: indent + (isLast ? "   " : "│  "))
    }
  }

  /// A flow chart of Mermaid. Node names are letters, digits, `_` and `-`, so only the ids need care.
  var mermaid: String {
    var lines = ["graph TD"]
    for node in topology.nodes { lines.append("  \(Self.id(node.name))[\"\(label(node))\"]") }
    for link in topology.links {
      lines.append("  \(Self.id(link.upstream)) -- \"\(label(link))\" --- \(Self.id(link.downstream))")
    }
    return lines.joined(separator: "\n")
  }

  /// A word that is no keyword of Mermaid, such as `end`.
  private static func id(_ name: String) -> String { "n_" + name }

  /// A graph for Graphviz.
  func dot(named title: String) -> String {
    var lines = ["graph \"\(title)\" {", "  node [shape=box];"]
    for node in topology.nodes { lines.append("  \"\(node.name)\" [label=\"\(label(node))\"];") }
    for link in topology.links {
      lines.append("  \"\(link.upstream)\" -- \"\(link.downstream)\" [label=\"\(label(link))\"];")
    }
    return (lines + ["}"]).joined(separator: "\n")
  }
}
