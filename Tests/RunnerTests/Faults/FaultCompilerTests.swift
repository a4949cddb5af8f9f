import LinkBroker
import PCIe
import Simulation
import SuiteLanguage
import Testing

@testable import Runner

@Suite struct FaultCompilerTests {
  /// Links 0 and 1 leave the root complex, link 2 the switch; m1 is behind the switch.
  private static let head = """
    format: 1
    suite: t
    topology:
      nodes:
        rc: {model: root-complex, memory: 64KiB}
        sw: {model: switch}
        m1: {model: memory-mock, msix: 2}
        m2: {model: memory-mock, msix: 2}
      links:
        up:   {upstream: rc, downstream: sw}
        side: {upstream: rc, downstream: m2}
        leaf: {upstream: sw, downstream: m1}
    cases:
      c:
        steps: [{note: {text: a}}]
        faults:

    """

  private static func compile(_ rules: [String], seed: UInt64 = 1) throws -> [LinkFault] {
    let text = head + rules.map { "      - \($0)\n" }.joined()
    let result = SuiteLoader.load(path: "t.yaml", bytes: Array(text.utf8))
    let plan = try #require(result.plan, "\(result.diagnostics.map(\.message))")
    var topology = try CaseTopology.build(plan.instances[0].topology, seed: 1)
    try topology.enumerate()
    return try FaultCompiler.compile(plan.instances[0].faults, on: topology, seed: seed)
  }

  private typealias Direction = LinkFault.Direction
  private static let upDown = Direction(link: 0, isDownstream: true)
  private static let upUp = Direction(link: 0, isDownstream: false)
  private static let leafDown = Direction(link: 2, isDownstream: true)
  private static let leafUp = Direction(link: 2, isDownstream: false)
  private static let sideDown = Direction(link: 1, isDownstream: true)
  private static let sideUp = Direction(link: 1, isDownstream: false)

  static let rules: [(String, LinkFault)] = [
    (
      "drop: {link: leaf, tlp: CplD, nth: 3, times: 1}",
      LinkFault(
        .drop, on: [leafDown, leafUp],
        match: .init(.tlps(.init(.completionWithData, .completionLockedWithData))), selection: .nth(3),
        times: 1)
    ),
    (
      "drop: {link: up, from: sw, dllp: Ack, every: 2, after: 1ms, for: 2us}",
      LinkFault(
        .drop, on: [upUp], layer: .dataLink, match: .init(.dllps(.ack)), selection: .every(2),
        start: .time(.milliseconds(1)), duration: .microseconds(2))
    ),
    (
      "drop: {link: side, from: m2, msix: 1, nth: 1}",
      LinkFault(.drop, on: [sideUp], match: .init(.interrupt(vector: 1)), selection: .nth(1))
    ),
    (
      "delay: {link: side, from: rc, tlp: any, probability: 0.5%, by: 10us..2ms}",
      LinkFault(
        .delay(.microseconds(10)...(.milliseconds(2))), on: [sideDown], match: .init(.tlps(.any)),
        selection: .probability(millionths: 5000))
    ),
    (
      "delay: {link: leaf, from: m1, tlp: MWr, nth: 1, behind: msix}",
      LinkFault(
        .hold(.interrupt), on: [leafUp], match: .init(.tlps(.init(TLPKind.memoryWrite))), selection: .nth(1))
    ),
    (
      "corrupt: {link: leaf, from: sw, tlp: MWr, nth: 1, field: length, value: 0x3}",
      LinkFault(
        .corrupt(.length, value: 3), on: [leafDown], match: .init(.tlps(.init(TLPKind.memoryWrite))),
        selection: .nth(1))
    ),
    (
      "complete: {node: m1, tlp: MRd, nth: 1, status: CA}",
      LinkFault(
        .respond(.status(.completerAbort)), on: [leafDown],
        match: .init(.tlps(.init(.memoryRead, .memoryReadLocked))), selection: .nth(1))
    ),
    (
      "complete: {node: rc, tlp: MRd, every: 1, status: SC, split: 64B..256B}",
      LinkFault(
        .respond(.split(64...256)), on: [upUp, sideUp],
        match: .init(.tlps(.init(.memoryRead, .memoryReadLocked))), selection: .every(1))
    ),
    (
      "complete: {node: sw, from: m1, tlp: MRd, nth: 1, status: UR}",
      LinkFault(
        .respond(.status(.unsupportedRequest)), on: [leafUp],
        match: .init(.tlps(.init(.memoryRead, .memoryReadLocked))), selection: .nth(1))
    ),
    (
      "complete: {node: m1, to: rc, tag: 0x3f, after: 1ms, status: SC}",
      LinkFault(
        .completeUnasked(
          completer: 2, requester: FunctionAddress(rawValue: 0), tag: 0x3f, status: .successful),
        on: [leafUp], start: .time(.milliseconds(1)))
    ),
    (
      "complete: {node: rc, to: m1, tag: 0x1, after: 1ms, status: SC}",
      LinkFault(
        .completeUnasked(
          completer: 0, requester: FunctionAddress(bus: 3, device: 0, function: 0), tag: 1,
          status: .successful),
        on: [upDown], start: .time(.milliseconds(1)))
    ),
    (
      "complete: {link: up, from: rc, layer: data-link, tlp: any, every: 1, times: 4, status: Nak}",
      LinkFault(
        .nak, on: [upDown], layer: .dataLink, match: .init(.tlps(.any)), selection: .every(1), times: 4)
    ),
    (
      "starve: {link: up, from: rc, credits: non-posted, after: {tlp: MRd, count: 2}, for: 5ms}",
      LinkFault(
        .starve(.nonPosted), on: [upDown],
        start: .count(2, .init(.tlps(.init(.memoryRead, .memoryReadLocked))), [upDown, upUp]),
        duration: .milliseconds(5))
    ),
    (
      "link_down: {link: leaf, after: 1ms, for: 5ms}",
      LinkFault(
        .linkDown, on: [leafDown, leafUp], start: .time(.milliseconds(1)), duration: .milliseconds(5))
    ),
    (
      "kill: {node: m2, after: {link: side, from: m2, tlp: MWr, count: 3}}",
      LinkFault(
        .kill(node: 3), on: [], start: .count(3, .init(.tlps(.init(TLPKind.memoryWrite))), [sideUp]))
    ),
    (
      "hang: {node: m1, after: 2ms, for: 1ms}",
      LinkFault(.hang(node: 2), on: [], start: .time(.milliseconds(2)), duration: .milliseconds(1))
    ),
    (
      "do: {after: {link: leaf, tlp: any, count: 1}, step: {reset: {node: m1, kind: flr}}}",
      LinkFault(.signal, on: [], start: .count(1, .init(.tlps(.any)), [leafDown, leafUp]))
    ),
  ]

  @Test(arguments: rules)
  func oneRule(text: String, expected: LinkFault) throws {
    var fault = try #require(try Self.compile([text]).first)
    fault.seed = 0
    #expect(fault == expected)
  }

  @Test func eachRuleDrawsForItself() throws {
    let text = "poison: {link: leaf, tlp: MWr, nth: 1}"
    let faults = try Self.compile([text, text, "poison: {link: up, tlp: MWr, nth: 1}"])
    #expect(Set(faults.map(\.seed)).count == 3)
    #expect(faults[1].seed == FixedHash.seed(1, "leaf", "rule", "1"))
    #expect(try Self.compile([text], seed: 2)[0].seed != faults[0].seed)
  }

  @Test func whatEnumerationDidNotFindIsNamed() throws {
    let text = Self.head + "      - complete: {node: m2, to: m1, tag: 0x1, after: 1ms, status: SC}\n"
    let plan = try #require(SuiteLoader.load(path: "t.yaml", bytes: Array(text.utf8)).plan)
    let topology = try CaseTopology.build(plan.instances[0].topology, seed: 1)
    let error = try #require(throws: FaultCompilerError.self) {
      try FaultCompiler.compile(plan.instances[0].faults, on: topology, seed: 1)
    }
    #expect(
      "\(error)" == "the fault 'complete' of line 17 cannot be armed: enumeration found no function of m1")
  }
}
