import PCIe
import RevereInterface

/// Builds the topology for one assignment of the suite's matrix.
struct TopologyBuilder {
  let sink: DiagnosticSink
  let images: [String]
  let values: [String: Node]

  /// Builds and checks; nil when anything was reported.
  ///
  /// - Complexity: O(nodes · links).
  func build(_ node: Node) -> Topology? {
    let before = sink.errorCount
    let links = node.value("links")?.entries ?? []
    // The checks compare every node with every link, so a hopeless size is refused first.
    let count = max(links.count, (node.value("nodes")?.entries ?? []).count)
    guard count <= Self.membersMax else {
      sink.report(.tooManyMembers(count, limit: Self.membersMax), at: node.span)
      return nil
    }
    return build(node, linkEntries: links, before: before)
  }

  /// More nodes or links than this need more buses than a hierarchy has.
  private static let membersMax = 256

  private func build(_ node: Node, linkEntries: [Entry], before: Int) -> Topology? {
    var nodes: [NodeDescription] = []
    for entry in node.value("nodes")?.entries ?? [] {
      do throws(AlreadyReported) { nodes.append(try buildNode(entry)) } catch { continue }
    }
    // A node that was refused is still there for the links that name it.
    let names = (node.value("nodes")?.entries ?? []).map(\.key)
    var links: [LinkDescription] = []
    for entry in linkEntries {
      do throws(AlreadyReported) { links.append(try buildLink(entry, names)) } catch { continue }
    }
    guard sink.errorCount == before else { return nil }
    let topology = Topology(nodes: nodes, links: links)
    TopologyCheck(topology: topology, place: node.span, sink: sink).run()
    return sink.errorCount == before ? topology : nil
  }

  private func buildNode(_ entry: Entry) throws(AlreadyReported) -> NodeDescription {
    let fields = Fields(entry.value, span: entry.keySpan, values: values)
    let player: NodeDescription.Player =
      fields.has("board")
      ? .board(try buildBoard(fields, name: entry.key)) : .model(try buildModel(fields, name: entry.key))
    return NodeDescription(
      name: entry.key, player: player, startsAutomatically: try fields.text("start") != "manual",
      span: entry.keySpan)
  }

  private func buildModel(_ fields: Fields, name: String) throws(AlreadyReported) -> ModelSettings {
    let model: Model = try fields.requiredChoice("model")
    for entry in fields.entries where !model.settingKeys.contains(entry.key) {
      guard Model.allSettingKeys.contains(entry.key) else { continue }
      let takers = Model.allCases.filter { $0.settingKeys.contains(entry.key) }.map(\.rawValue)
      sink.report(.foreignSetting(entry.key, model, takers), at: entry.keySpan)
    }
    var settings = ModelSettings(
      model: model, memory: 0, bars: [], identity: try identity(fields),
      msixVectors: try vectors(fields, "msix", limit: 2048),
      msiVectors: try vectors(fields, "msi", limit: 32),
      amu: try amuSettings(fields, model), nvme: try nvmeSettings(fields, model))
    if model == .rootComplex {
      settings.memory = try fields.value("memory", Scalar.size) ?? 1 << 20
      settings.shared = try fields.value("shared", Scalar.size) ?? 0
      if settings.memory > Self.memoryMax {
        sink.report(.memory(settings.memory, limit: Self.memoryMax), at: fields.place("memory"))
      } else if settings.shared > Self.memoryMax - settings.memory {
        let limit = Self.memoryMax - settings.memory
        sink.report(.memory(settings.shared, limit: limit), at: fields.place("shared"))
      }
      // Whoever maps it counts in pages, and begins at one.
      if settings.shared > 0, (settings.memory | settings.shared) % 4096 != 0 {
        sink.report(.sharedMemory(settings.shared, behind: settings.memory), at: fields.place("shared"))
      }
    }
    settings.bars = try BarBuilder(sink: sink, model: model, node: name).build(fields)
    if let amu = settings.amu {
      settings.bars[0].size = RevereInterface.registerBytes(contexts: amu.softwareContexts)
      // The unit has vectors whatever a suite says.
      if !fields.has("msix") { settings.msixVectors = RevereInterface.vectorsMax }
    }
    if let nvme = settings.nvme {
      // One for each queue, and it cannot be without.
      if !fields.has("msix") { settings.msixVectors = nvme.queues + 1 }
      if settings.msixVectors == 0 { sink.report(.outOfRange("msix", 0, 1...2048), at: fields.place("msix")) }
    }
    checkTable(FunctionDescription(settings), of: name, fields)
    return settings
  }

  /// BARs are placed from 2 GiB on.
  private static let memoryMax: UInt64 = 1 << 31

  func vectors(_ fields: Fields, _ key: String, limit: UInt64) throws(AlreadyReported) -> Int {
    guard let count = try fields.value(key, Scalar.count) else { return 0 }
    let isLegal = count <= limit && (key == "msix" || count == 0 || count & (count - 1) == 0)
    if !isLegal { sink.report(.vectorCount(key, count, limit), at: fields.place(key)) }
    return isLegal ? Int(count) : 0
  }

  func identity(_ fields: Fields) throws(AlreadyReported) -> FunctionIdentity {
    var identity = FunctionIdentity()
    guard let own = fields.object("id") else { return identity }
    func field<Value: FixedWidthInteger>(_ key: String, bits: Int) throws(AlreadyReported) -> Value? {
      guard let value = try own.value(key, Scalar.hex) else { return nil }
      if value >> UInt64(bits) != 0 {
        sink.report(.tooWide(key, value, bits: bits), at: own.place(key))
        return nil
      }
      return Value(truncatingIfNeeded: value)
    }
    identity.vendor = try field("vendor", bits: 16)
    identity.device = try field("device", bits: 16)
    identity.classCode = try field("class", bits: 24)
    identity.revision = try field("revision", bits: 8)
    identity.subsystemVendor = try field("subsystem_vendor", bits: 16)
    identity.subsystemDevice = try field("subsystem_device", bits: 16)
    return identity
  }

  private func amuSettings(_ fields: Fields, _ model: Model) throws(AlreadyReported) -> AMUSettings? {
    guard model == .revereAMU else { return nil }
    guard let own = fields.object("amu") else { return AMUSettings() }
    func count(_ key: String) throws(AlreadyReported) -> Int {
      let value = try own.required(key, Scalar.count)
      if value == 0 || value > 65_535 { sink.report(.outOfRange(key, value, 1...65_535), at: own.place(key)) }
      return Int(clamping: value)
    }
    var settings = AMUSettings()
    settings.softwareContexts = try count("ami_sw")
    settings.hardwareContexts = try count("ami_hw")
    settings.sessions = try count("asn")
    if let number = try own.value("vfs", Scalar.count) {
      if number > 255 { sink.report(.outOfRange("vfs", number, 0...255), at: own.place("vfs")) }
      settings.virtualFunctions = Int(min(number, 255))
    }
    if let number = try own.value("ams", Scalar.count) {
      if !(1...64 ~= number) { sink.report(.outOfRange("ams", number, 1...64), at: own.place("ams")) }
      settings.sockets = Int(min(max(number, 1), 64))
    }
    if let type = try own.text("type") { settings.socketType = type }
    let names = try own.texts("accelerators")
    for name in names where !RevereInterface.accelerators.contains(name) {
      sink.report(
        .choice("accelerator", name, RevereInterface.accelerators), at: own.place("accelerators"))
    }
    if !names.isEmpty { settings.accelerators = names }
    return settings
  }

  private func buildLink(_ entry: Entry, _ names: [String]) throws(AlreadyReported)
    -> LinkDescription
  {
    let fields = Fields(entry.value, span: entry.keySpan, values: values)
    func end(_ key: String) throws(AlreadyReported) -> String {
      let name = try fields.required(key)
      guard names.contains(name) else {
        sink.report(.unknownName("node", name, among: names), at: fields.place(key))
        throw AlreadyReported()
      }
      return name
    }
    return LinkDescription(
      name: entry.key, upstream: try end("upstream"), downstream: try end("downstream"),
      speed: try fields.value("speed", LinkSpeed.read) ?? .gt2Point5,
      width: Int(clamping: try fields.value("width", Scalar.count) ?? 1),
      maxPayload: Int(clamping: try fields.value("max_payload", Scalar.size) ?? 128),
      latency: try fields.value("latency", Scalar.duration),
      layer: try fields.choice("layer") ?? .transaction, wire: try fields.choice("wire") ?? .pcieLink,
      span: entry.keySpan)
  }
}

extension Model {
  /// The keys of a node that the model takes besides those every node has.
  var settingKeys: Set<String> {
    switch self {
    case .rootComplex: ["memory", "shared"]
    case .switch: ["id"]
    case .memoryMock, .dmaEndpoint: ["bars", "msix", "msi", "id"]
    case .revereAMU: ["msix", "id", "amu"]
    case .nvme: ["msix", "id", "nvme"]
    }
  }

  static let allSettingKeys: Set<String> = ["memory", "shared", "bars", "msix", "msi", "id", "amu", "nvme"]
}
