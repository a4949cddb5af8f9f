extension Message {
  /// A name that nothing of its kind bears.
  static func unknownName(_ kind: String, _ name: String, among names: [String]) -> Message {
    let known = names.isEmpty ? "there are no \(kind)s here" : "\(kind)s here: \(listing(names))"
    return Message(code: "suite.unknown-name", text: "no \(kind) named \(quoted(name)); \(known)")
  }

  static func foreignSetting(_ key: String, _ model: Model, _ takers: [String]) -> Message {
    Message(
      code: "suite.exclusive",
      text: "'\(key)' does not go with model \(model.rawValue); it goes with \(listing(takers))")
  }

  static func memory(_ size: UInt64, limit: UInt64) -> Message {
    Message(code: "suite.range", text: "host memory of \(size) B is more than \(SizeUnit.spell(limit))")
  }

  static func vectorCount(_ key: String, _ count: UInt64, _ limit: UInt64) -> Message {
    let form = key == "msi" ? "1, 2, 4, 8, 16 or 32" : "0 to \(limit)"
    return Message(code: "suite.range", text: "\(key) of \(count) vectors; a function has \(form)")
  }

  static func functionOfNoDevice(_ key: String, _ node: String) -> Message {
    Message(
      code: "suite.function",
      text: "'\(key)' describes the function of a device; '\(node)' is none without role: endpoint")
  }

  static func functionWithoutID(_ node: String) -> Message {
    Message(
      code: "suite.function",
      text: "what the suite says of the function of '\(node)' begins with id: {vendor: HEX, device: HEX}; "
        + "without id, bars, msix and msi its program says what it is")
  }

  static func nobodysVendor(_ vendor: UInt16) -> Message {
    Message(
      code: "suite.range",
      text: "vendor 0x\(String(vendor, radix: 16)) means that no function is there; take 0x1 to 0xfffe")
  }

  static func barOfProgram(_ key: String, _ bar: BarDescription, _ node: String) -> Message {
    Message(
      code: "suite.bar",
      text: "'\(key)' of \(bar.name) is for models; what '\(node)' does with it is its program's affair")
  }

  static func noBarForMSIX(_ node: String) -> Message {
    Message(
      code: "suite.bar", text: "'\(node)' has no BAR left for its MSI-X table; leave one of bar0 to bar5 free"
    )
  }

  static func tooWide(_ key: String, _ value: UInt64, bits: Int) -> Message {
    Message(code: "suite.range", text: "\(key) 0x\(String(value, radix: 16)) has more than \(bits) bits")
  }

  static func outOfRange(_ key: String, _ value: UInt64, _ range: ClosedRange<UInt64>) -> Message {
    Message(
      code: "suite.range", text: "\(key) is \(value); it must be \(range.lowerBound) to \(range.upperBound)")
  }

  static func barName(_ name: String) -> Message {
    Message(code: "suite.bar", text: "\(quoted(name)) names no BAR; BARs are bar0 to bar5")
  }

  static func barSize(_ bar: BarDescription, nearest: UInt64) -> Message {
    Message(
      code: "suite.bar",
      text:
        "\(bar.name) has \(bar.size) B, which is no power of two; the next one is \(SizeUnit.spell(nearest))")
  }

  static func barLimits(_ bar: BarDescription, _ limits: ClosedRange<UInt64>) -> Message {
    let kind = bar.space == .io ? "an I/O BAR" : bar.is64Bit ? "a 64-bit BAR" : "a 32-bit BAR"
    let bounds = "\(SizeUnit.spell(limits.lowerBound)) to \(SizeUnit.spell(limits.upperBound))"
    return Message(code: "suite.bar", text: "\(bar.name) has \(bar.size) B; \(kind) has \(bounds)")
  }

  static func ioBar(_ bar: BarDescription) -> Message {
    Message(
      code: "suite.bar", text: "\(bar.name) is an I/O BAR, which is 32 bits wide and never prefetchable")
  }

  static func mappedBar(_ bar: BarDescription, most: UInt64) -> Message {
    Message(
      code: "suite.bar",
      text: "\(bar.name) cannot be mapped: what can is memory of 4KiB to \(SizeUnit.spell(most)) that may be "
        + "written and holds no registers")
  }

  static let lastBar64 = Message(
    code: "suite.bar",
    text: "bar5 is the last register and cannot hold a 64-bit address; use bar4 or bits: 32")

  static func barOverlap(_ upper: BarDescription, under lower: BarDescription) -> Message {
    Message(
      code: "suite.bar",
      text: "\(upper.name) overlaps \(lower.name), whose 64-bit address takes both registers; "
        + "the next free one is bar\(lower.index + 2)")
  }

  static func registerBar(_ node: String) -> Message {
    Message(
      code: "suite.bar",
      text: "bar0 of '\(node)' holds the registers of the dma-endpoint: memory of at least 64B")
  }

  static func namespaceSize(_ size: UInt64, block: UInt64, limit: UInt64) -> Message {
    Message(
      code: "suite.namespace",
      text:
        "a namespace of \(SizeUnit.spell(size)); it consists of blocks of \(SizeUnit.spell(block)) and has "
        + "at most \(SizeUnit.spell(limit))")
  }

  static let noRoot = Message(
    code: "topology.no-root",
    text: "no root complex; one node needs model: root-complex or role: root-complex")

  static func twoRoots(_ first: String, _ second: String) -> Message {
    Message(
      code: "topology.two-roots",
      text: "'\(second)' is a second root complex beside '\(first)'; a topology has one")
  }

  static func selfLink(_ link: LinkDescription) -> Message {
    Message(code: "topology.loop", text: "link '\(link.name)' joins '\(link.upstream)' to itself")
  }

  static func sharedName(_ link: LinkDescription) -> Message {
    Message(
      code: "topology.name",
      text: "'\(link.name)' names a node and a link; counters could not tell them apart")
  }

  static func upperEnd(_ link: LinkDescription, _ node: NodeDescription) -> Message {
    Message(
      code: "topology.direction",
      text:
        "link '\(link.name)' hangs below '\(node.name)', an endpoint; "
        + "upstream must be a root complex or a switch"
    )
  }

  static func lowerEnd(_ link: LinkDescription, _ node: NodeDescription) -> Message {
    Message(
      code: "topology.direction",
      text:
        "link '\(link.name)' leads down to '\(node.name)', a root complex; "
        + "downstream must be an endpoint or a switch"
    )
  }

  static func twoLinks(_ link: LinkDescription, _ first: LinkDescription) -> Message {
    Message(
      code: "topology.two-links",
      text:
        "'\(link.downstream)' has two links above it, '\(first.name)' and '\(link.name)'; "
        + "it has one port that looks up"
    )
  }

  static func portlessEnd(_ link: LinkDescription, _ node: NodeDescription) -> Message {
    Message(
      code: "topology.portless",
      text: "'\(link.name)' ends at '\(node.name)', whose board plays no port; "
        + "give it role: root-complex or role: endpoint")
  }

  static func sharedMemory(_ size: UInt64, behind memory: UInt64) -> Message {
    Message(
      code: "suite.range",
      text: "shared: \(size) B behind memory: \(memory) B; both must be multiples of 4KiB, as they are "
        + "mapped")
  }

  static func scopeOfOther(_ node: NodeDescription) -> Message {
    Message(
      code: "topology.scope",
      text: "'\(node.name)' has scope: suite, which is for a node with role: root-complex that starts by "
        + "itself")
  }

  static func scopeBesideOther(_ node: NodeDescription, _ other: NodeDescription) -> Message {
    Message(
      code: "topology.scope",
      text: "'\(node.name)' has scope: suite, and '\(other.name)' is another program, which nothing brings "
        + "back to what it was; write scope: case")
  }

  static func wireOfModels(_ link: LinkDescription) -> Message {
    Message(
      code: "topology.wire",
      text:
        "link '\(link.name)' joins two models; wire: \(link.wire.rawValue) is for a program at an end of it")
  }

  static func portWithoutWire(_ node: NodeDescription) -> Message {
    Message(
      code: "topology.wire",
      text: "'\(node.name)' has a port and no link of wire: warp-pipe, the only wire with ports")
  }

  static func sharedPort(_ port: UInt16, _ first: String, _ second: String) -> Message {
    Message(
      code: "topology.wire",
      text: "port \(port) of '\(second)' is that of '\(first)'; each program has its own")
  }

  static func sameVariable(
    _ link: LinkDescription, _ first: LinkDescription, of node: NodeDescription
  ) -> Message {
    Message(
      code: "topology.wire",
      text: "the program of '\(node.name)' would find link '\(link.name)' in the variable \(link.variable), "
        + "as '\(first.name)'; give one of them another name")
  }

  static func unlinked(_ node: NodeDescription) -> Message {
    Message(code: "topology.unlinked", text: "no link joins '\(node.name)'; add one or remove the node")
  }

  static func noLinkAbove(_ node: NodeDescription) -> Message {
    Message(
      code: "topology.unlinked",
      text: "no link leads up from '\(node.name)'; add one with downstream: \(node.name)")
  }

  static func loop(_ names: [String]) -> Message {
    Message(
      code: "topology.loop", text: "links form a loop: \(listing(names)), \(names[0]); a topology is a tree")
  }

  static func tooManyMembers(_ count: Int, limit: Int) -> Message {
    Message(
      code: "topology.size",
      text: "the topology has \(count) nodes or links; \(limit) is the most a hierarchy holds")
  }

  static func tooManyBuses(_ count: Int) -> Message {
    Message(code: "topology.size", text: "the topology needs \(count) buses; a hierarchy has 256")
  }

  static func tooManyPorts(_ node: String, _ limit: Int) -> Message {
    Message(
      code: "topology.size",
      text: "'\(node)' has more than \(limit) links below it, the most its bus has room for")
  }
}
