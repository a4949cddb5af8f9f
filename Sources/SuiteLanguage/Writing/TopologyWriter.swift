import PCIe

/// Writes topologies as the language spells them, everything that has been decided included.
enum TopologyWriter {
  /// The lines of a topology, its key first.
  static func lines(_ topology: Topology) -> [String] {
    var lines = ["topology:", "  nodes:"]
    for node in topology.nodes { lines.append("    \(node.name): \(text(node))") }
    if !topology.links.isEmpty { lines.append("  links:") }
    for link in topology.links { lines.append("    \(link.name): \(text(link))") }
    return lines
  }

  private static func text(_ node: NodeDescription) -> String {
    var fields = YAMLFlow()
    switch node.player {
    case .board(let board):
      fields.add("board", board.board)
      fields.add("image", board.image)
      if board.role != .portless { fields.add("role", board.role.rawValue) }
      if let port = board.port { fields.add("port", count: Int(port)) }
      if let function = board.function { add(function, &fields) }
      if board.scope != .case { fields.add("scope", board.scope.rawValue) }
    case .model(let settings): add(settings, &fields)
    }
    if !node.startsAutomatically { fields.add("start", "manual") }
    return fields.text
  }

  private static func add(_ function: FunctionDescription, _ fields: inout YAMLFlow) {
    var bars = YAMLFlow()
    for bar in function.bars { bars.add(bar.name, yaml: text(bar, isModels: false)) }
    if !bars.isEmpty { fields.add("bars", yaml: bars.text) }
    addVectors(function.msixVectors, function.msiVectors, function.identity, &fields)
  }

  private static func addVectors(
    _ msix: Int, _ msi: Int, _ identity: FunctionIdentity, _ fields: inout YAMLFlow
  ) {
    if msix > 0 { fields.add("msix", count: msix) }
    if msi > 0 { fields.add("msi", count: msi) }
    let identity = text(identity)
    if !identity.isEmpty { fields.add("id", yaml: identity.text) }
  }

  private static func add(_ settings: ModelSettings, _ fields: inout YAMLFlow) {
    fields.add("model", settings.model.rawValue)
    if settings.model == .rootComplex { fields.add("memory", SizeUnit.spell(settings.memory)) }
    if settings.shared > 0 { fields.add("shared", SizeUnit.spell(settings.shared)) }
    if settings.model.settingKeys.contains("bars") {
      var bars = YAMLFlow()
      for bar in settings.bars { bars.add(bar.name, yaml: text(bar, isModels: true)) }
      fields.add("bars", yaml: bars.text)
    }
    addVectors(settings.msixVectors, settings.msiVectors, settings.identity, &fields)
    if let amu = settings.amu {
      var own = YAMLFlow()
      own.add("ami_sw", count: amu.softwareContexts)
      own.add("ami_hw", count: amu.hardwareContexts)
      own.add("asn", count: amu.sessions)
      if amu.virtualFunctions > 0 { own.add("vfs", count: amu.virtualFunctions) }
      if amu.sockets != 64 { own.add("ams", count: amu.sockets) }
      if amu.socketType != "a1" { own.add("type", amu.socketType) }
      own.add("accelerators", yaml: YAMLFlow.list(amu.accelerators))
      fields.add("amu", yaml: own.text)
    }
    if let nvme = settings.nvme { fields.add("nvme", yaml: text(nvme)) }
  }

  private static func text(_ nvme: NVMeSettings) -> String {
    let namespaces = nvme.namespaces.map { namespace in
      var fields = YAMLFlow()
      switch namespace.storage {
      case .memory(let size): fields.add("size", SizeUnit.spell(size))
      case .file(let path): fields.add("file", path)
      }
      fields.add("block", SizeUnit.spell(namespace.block))
      return fields.text
    }
    var own = YAMLFlow()
    own.add("queues", count: nvme.queues)
    own.add("namespaces", yaml: "[\(namespaces.joined(separator: ", "))]")
    return own.text
  }

  private static func text(_ bar: BarDescription, isModels: Bool) -> String {
    var fields = YAMLFlow()
    fields.add("size", SizeUnit.spell(bar.size))
    if bar.is64Bit { fields.add("bits", "64") }
    if bar.isPrefetchable { fields.add("prefetchable", "true") }
    if bar.space != .memory { fields.add("space", bar.space.rawValue) }
    if isModels { fields.add("access", bar.access.rawValue) }
    if bar.isMapped { fields.add("mapped", "true") }
    return fields.text
  }

  private static func text(_ identity: FunctionIdentity) -> YAMLFlow {
    var fields = YAMLFlow()
    fields.add("vendor", hex: identity.vendor)
    fields.add("device", hex: identity.device)
    fields.add("class", hex: identity.classCode)
    fields.add("revision", hex: identity.revision)
    fields.add("subsystem_vendor", hex: identity.subsystemVendor)
    fields.add("subsystem_device", hex: identity.subsystemDevice)
    return fields
  }

  private static func text(_ link: LinkDescription) -> String {
    var fields = YAMLFlow()
    fields.add("upstream", link.upstream)
    fields.add("downstream", link.downstream)
    fields.add("speed", link.speed.suiteText)
    fields.add("width", count: link.width)
    fields.add("max_payload", SizeUnit.spell(UInt64(link.maxPayload)))
    fields.add("latency", link.latency?.suiteText)
    if link.layer != .transaction { fields.add("layer", link.layer.rawValue) }
    if link.wire != .pcieLink { fields.add("wire", link.wire.rawValue) }
    return fields.text
  }
}
