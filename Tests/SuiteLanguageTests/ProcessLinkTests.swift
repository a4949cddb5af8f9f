import Testing

@testable import SuiteLanguage

/// Programs at the ends of links.
struct ProcessLinkTests {
  private static func suite(step: String, link: String = "", device: String = "") -> String {
    """
    format: 1
    suite: s
    topology:
      nodes:
        host: {board: b, role: root-complex}
        mem: {model: memory-mock, msix: 4}
        dev: {board: b, role: endpoint\(device)}
        sw: {model: switch}
      links:
        l0: {upstream: host, downstream: sw}
        l1: {upstream: sw, downstream: mem}
        l2: {upstream: sw, downstream: dev\(link)}
    cases:
      c:
        steps: [{\(step)}]

    """
  }

  @Test(arguments: [
    ("reset: {kind: hot, link: l0}", "a reset"), ("expect: {aer: mem, has: ecrc}", "reading error registers"),
    ("mem_read: {by: mem, from: dev.bar0, offset: 0x0, length: 4B}", "the address of a BAR"),
    ("wait: {msi: 0, at: host}", "an interrupt that is no MSI-X"),
    ("wait: {intx: A, at: host, from: dev}", "an interrupt that is no MSI-X"),
    ("wait: {msix: 0, at: host, from: '02:00.0'}", "an interrupt of a function by its number"),
    ("cfg_read: {by: host, to: host.l0, offset: 0x0, size: 4}", "the port of a link"),
    ("mem_read: {by: host, from: mem.msix_table, offset: 0x0, length: 4B}", "the place of a table"),
    ("mem_read: {by: host, from: mem.bar0, offset: 0x0, length: 4B, expect: {status: UR}}", "a status"),
  ])
  func whatOnlySystemSoftwareKnowsIsNoted(step: String, need: String) throws {
    let text = Self.suite(step: step)
    let plan = try #require(Example.load(text).plan, "\(Example.heads(text))")
    #expect(plan.instances[0].systemNeeds.map(\.what) == [need])
    let own = text.replacing("host: {board: b, role: root-complex}", with: "host: {model: root-complex}")
    #expect(try #require(Example.load(own).plan, "\(Example.heads(own))").instances[0].systemNeeds == [])
  }

  @Test(arguments: [
    (
      "mem_read: {by: dev, address: 0x0, length: 4B}",
      "'dev' is played by a simulator, whose requests its own software sends; name a built-in model"
    ),
    (
      "mem_read: {by: host, from: '00:02.0.msix_table', offset: 0x0, length: 4B}",
      "'msix_table' is no BAR, and of 00:02.0 nothing else is known; write bar0 to bar5"
    ),
    (
      "wait: {msix: 0, at: host, from: sw.l1}",
      "name the node above the port, or the port's number such as 00:01.0"
    ),
  ])
  func whatNoProgramTellsIsRefused(step: String, message: String) {
    let heads = Example.heads(Self.suite(step: step))
    #expect(heads.count == 1 && heads[0].contains(message), "\(heads)")
  }

  @Test(arguments: [
    "cfg_read: {by: host, to: mem, capability: msix, offset: 0x2, size: 2}",
    "cfg_write: {by: host, to: '01:00.0', offset: 0x3c, size: 1, data: {bytes: 0b}}",
    "mem_read: {by: host, from: mem.bar0, offset: 0x0, length: 4B}",
    "mem_write: {by: host, address: 0x0, data: {bytes: 00}}",
    "mem_read: {by: host, from: '00:10.0.bar0', offset: 0x0, length: 4B}",
  ])
  func softwareOnAHostMayBeAsked(step: String) {
    #expect(Example.heads(Self.suite(step: step)).isEmpty)
  }

  private static let described =
    ", id: {vendor: 0x1234, device: 0x1}, bars: {bar0: 4KiB, bar2: {size: 1MiB, bits: 64}}, msix: 4, msi: 2"

  /// What a suite says of a program's function is known as that of a model is.
  @Test func describedFunctionIsKnown() throws {
    let text = Self.suite(
      step: "mem_read: {by: host, from: dev.bar2, offset: 0x0, length: 4B}", device: Self.described)
    let node = try #require(
      Example.load(text).plan?.instances[0].topology.node("dev"), "\(Example.heads(text))")
    let function = try #require(node.function)
    #expect(function.bars.map(\.size) == [4096, 1 << 20])
    #expect(function.msixBarIndex == 1)
    #expect((function.msixVectors, function.msiVectors) == (4, 2))
    #expect((function.identity.vendor, function.identity.device) == (0x1234, 1))
    let free = Self.suite(step: "mem_read: {by: host, from: dev.bar5, offset: 0x0, length: 4B}")
    #expect(try #require(Example.load(free).plan).instances[0].topology.node("dev")?.function == nil)
  }

  @Test(arguments: [
    (
      "mem_read: {by: host, from: dev.bar3, offset: 0x0, length: 4B}",
      "bar3 of 'dev' is the upper half of bar2"
    ),
    (
      "mem_read: {by: host, from: dev.bar0, offset: 0xffe, length: 4B}",
      "4 B at 0xffe end past dev.bar0 (4096 B)"
    ),
    ("wait: {msix: 4, at: host, from: dev}", "4"),
  ])
  func describedFunctionBoundsSteps(step: String, message: String) {
    let heads = Example.heads(Self.suite(step: step, device: Self.described))
    #expect(heads.count == 1 && heads[0].contains(message), "\(heads)")
  }

  @Test(arguments: [
    (
      ", bars: {bar0: 4KiB}",
      "what the suite says of the function of 'dev' begins with id: {vendor: HEX, device: HEX}"
    ),
    (", id: {vendor: 0x1234}", "what the suite says of the function of 'dev' begins with id:"),
    (
      ", id: {vendor: 0xffff, device: 0x1}",
      "vendor 0xffff means that no function is there; take 0x1 to 0xfffe"
    ),
    (", id: {vendor: 0x1, device: 0x1}, bars: {bar0: 64B}", "bar0 has 64 B; a 32-bit BAR has 128B to 2GiB"),
    (
      ", id: {vendor: 0x1, device: 0x1}, bars: {bar0: {size: 4KiB, access: read-only}}",
      "'access' of bar0 is for models; what 'dev' does with it is its program's affair"
    ),
    (", id: {vendor: 0x1, device: 0x1}, msi: 3", "msi of 3 vectors; a function has 1, 2, 4, 8, 16 or 32"),
  ])
  func wrongDescriptionIsRefused(keys: String, message: String) {
    let heads = Example.heads(
      Self.suite(step: "wait: {link: l2, state: up}", device: keys))
    #expect(heads.count == 1 && heads[0].contains(message), "\(heads)")
  }

  @Test func hostHasNoFunctionToDescribe() {
    let text = Self.suite(step: "wait: {link: l2, state: up}").replacing(
      "role: root-complex}", with: "role: root-complex, msix: 4}")
    #expect(
      Example.heads(text).first?.contains(
        "'msix' describes the function of a device; 'host' is none without role: endpoint") ?? false,
      "\(Example.heads(text))")
  }

  @Test func deviceThatComesBelowAModelIsNotBuilt() throws {
    let text = Self.suite(step: "start: {node: dev}", device: ", start: manual").replacing(
      "host: {board: b, role: root-complex}", with: "host: {model: root-complex}")
    let plan = try #require(Example.load(text).plan)
    #expect(
      plan.instances[0].requiresUnbuilt == ["devices that a step starts below the model of a root complex"])
  }

  @Test(arguments: [true, false])
  func aModelComesAndGoesBelowAProgramOnly(isBelowProgram: Bool) throws {
    let text = """
      format: 1
      suite: s
      topology:
        nodes:
          host: \(isBelowProgram ? "{board: b, role: root-complex}" : "{model: root-complex}")
          mem: {model: memory-mock, start: manual}
        links: {l0: {upstream: host, downstream: mem}}
      cases: {c: {steps: [{start: {node: mem}}, {stop: {node: mem}}]}}

      """
    let plan = try #require(Example.load(text).plan, "\(text)")
    #expect(
      plan.instances[0].requiresUnbuilt
        == (isBelowProgram ? [] : ["models that are started and stopped, but for those below a program"]))
  }

  @Test(arguments: [
    ("note: {text: x}", "", ""),
    ("wait: {msix: 0, at: host, from: mem}", "", ""),
    ("stop: {node: dev}", "", ""),
    ("note: {text: x}", ", wire: warp-pipe", ", port: 2115"),
    ("note: {text: x}", "", ", start: manual"),
    ("start: {node: dev}", "", ""),
  ])
  func whatProgramsAtLinksMaySayIsBuilt(step: String, link: String, device: String) throws {
    let result = Example.load(Self.suite(step: step, link: link, device: device))
    let plan = try #require(result.plan, "\(result.diagnostics)")
    #expect(plan.instances[0].requiresUnbuilt == [])
  }

  @Test(arguments: [
    ("", ", port: 2115", "'dev' has a port and no link of wire: warp-pipe, the only wire with ports"),
    (", wire: warp-pipe", ", port: 0", "port is 0; it must be 1 to 65535"),
    (", wire: warp-pipe", ", port: 65536", "port is 65536; it must be 1 to 65535"),
  ])
  func portsThatCannotBeAreRefused(link: String, device: String, message: String) {
    let heads = Example.heads(Self.suite(step: "note: {text: x}", link: link, device: device))
    #expect(heads.count == 1 && heads[0].contains(message), "\(heads)")
  }

  @Test func aWireNeedsAProgram() {
    let suite = Self.suite(step: "note: {text: x}").replacing(
      "downstream: mem}", with: "downstream: mem, wire: warp-pipe}")
    let heads = Example.heads(suite)
    #expect(
      heads.count == 1
        && heads[0].contains("link 'l1' joins two models; wire: warp-pipe is for a program at an end of it"),
      "\(heads)")
  }

  @Test func aPortIsForOneProgram() {
    let suite = Self.suite(step: "note: {text: x}", link: ", wire: warp-pipe", device: ", port: 2115")
      .replacing("role: root-complex}", with: "role: root-complex, port: 2115}")
      .replacing("downstream: sw}", with: "downstream: sw, wire: warp-pipe}")
    let heads = Example.heads(suite)
    #expect(
      heads.count == 1 && heads[0].contains("port 2115 of 'dev' is that of 'host'; each program has its own"),
      "\(heads)")
  }

  private static func kept(_ host: String, _ others: String = "", root: String = "role: root-complex, ")
    -> String
  {
    """
    format: 1
    suite: s
    topology: {nodes: {host: {board: b, \(root)\(host)}\(others)}}
    cases: {c: {steps: [{note: {text: x}}]}}

    """
  }

  @Test func whatStaysFromCaseToCaseIsTheRootWithModelsBelow() throws {
    let plan = try #require(Example.load(Self.kept("scope: suite")).plan)
    #expect(plan.instances[0].topology.keptRoot?.name == "host")
    let own = try #require(Example.load(Self.kept("scope: case")).plan)
    #expect(own.instances[0].topology.keptRoot == nil)
    for (text, message) in [
      (
        Self.kept("scope: suite, start: manual"),
        "'host' has scope: suite, which is for a node with role: root-complex that starts by itself"
      ),
      (
        Self.kept("scope: suite", ", app: {board: c}"),
        "'host' has scope: suite, and 'app' is another program, which nothing brings back to what it was"
      ),
      (Self.kept("scope: run"), "'run'"),
    ] {
      let heads = Example.heads(text)
      #expect(heads.count == 1 && heads[0].contains(message), "\(heads)")
    }
  }

  @Test(
    arguments: [
      ("memory: 1MiB, shared: 64KiB", nil),
      (
        "memory: 1MiB, shared: 100B", "shared: 100 B behind memory: 1048576 B; both must be multiples of 4KiB"
      ),
      ("memory: 1000B, shared: 4KiB", "both must be multiples of 4KiB"),
      ("memory: 2GiB, shared: 4KiB", "host memory of 4096 B is more than"),
    ] as [(String, String?)])
  func memoryThatIsSharedLiesBehindTheHostsOwn(keys: String, message: String?) throws {
    let text = """
      format: 1
      suite: s
      topology: {nodes: {rc: {model: root-complex, \(keys)}}}
      cases: {c: {steps: [{note: {text: x}}]}}

      """
    let heads = Example.heads(text)
    guard let message else {
      #expect(try #require(Example.load(text).plan).instances[0].topology.root?.settings?.shared == 65536)
      return
    }
    #expect(heads.count == 1 && heads[0].contains(message), "\(heads)")
  }
}
