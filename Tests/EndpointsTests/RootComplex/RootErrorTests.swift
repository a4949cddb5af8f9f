import LinkBroker
import PCIe
import Testing

@testable import Endpoints

/// Errors end to end: an endpoint below a switch, messages, root registers, interrupts, containment.
struct RootErrorTests {
  typealias AER = AdvancedErrorReportingCapability.Register
  typealias DPC = DownstreamPortContainmentCapability.Register
  static let port = FunctionAddress(bus: 0, device: 1, function: 0)

  private final class Tree {
    let hierarchy = Hierarchy()
    let mock: MemoryMock
    let model = Switch(downstreamPorts: 1)
    /// The links below the root port and below the switch.
    let links: [Int]

    init() throws {
      mock = try MemoryMock.with(4096, msix: 1)
      let upper = hierarchy.add(model)
      let lower = hierarchy.add(mock, below: upper.node, port: 1)
      links = [upper.link, lower.link]
      try hierarchy.enumerate()
      mock.function.resetCounts()
      model.resetCounts()
    }

    var rootSpace: ConfigurationSpace { hierarchy.root.core.ports.ports[0].bridge.space }
    var address: UInt64 { hierarchy.function(3)?.bars.first?.address ?? 0 }

    func root(_ register: Int) -> UInt32 {
      rootSpace.doubleWord((rootSpace.places.advancedErrorReporting ?? 0) + register)
    }

    func write(_ capability: ExtendedCapabilityID, _ register: Int, _ value: UInt32, size: Int = 4) {
      guard let place = rootSpace.places[capability] else { return }
      hierarchy.root.configurationWrite(
        to: port, offset: place + register, size: size, value: value, in: &hierarchy.fabric)
    }

    /// A read within the windows that no BAR claims.
    func unsupportedRead() {
      _ = hierarchy.root.read(address: address + 0xf_0000, count: 4, in: &hierarchy.fabric)
      hierarchy.fabric.runUntilIdle()
    }

    /// A write within the windows that no BAR claims.
    func unsupportedWrite() {
      _ = hierarchy.root.write(address: address + 0xf_0000, data: [1, 2, 3, 4], in: &hierarchy.fabric)
      hierarchy.fabric.runUntilIdle()
    }
  }

  @Test("an advisory error of an endpoint reaches the root port: status, source, interrupt")
  func correctable() throws {
    let tree = try Tree()
    tree.unsupportedRead()
    #expect(tree.mock.function.space.recordedErrors.violations == [.unsupportedRequest, .advisoryNonFatal])
    #expect(tree.model.router.functions.allSatisfy { $0.space.recordedErrors.isEmpty })
    #expect(tree.rootSpace.recordedErrors.isEmpty)
    #expect(tree.root(AER.rootErrorStatus) == 1)
    #expect(tree.root(AER.correctableSourceID) == UInt32(tree.mock.function.id.rawValue))
    #expect(tree.hierarchy.root.claimInterrupt(.msi, vector: 0, from: Self.port))
    #expect(!tree.hierarchy.root.claimInterrupt(.msi, vector: 0, from: nil))
  }

  @Test("more errors set the multiple bits and interrupt no more until software clears the status")
  func multiple() throws {
    let tree = try Tree()
    tree.unsupportedWrite()
    tree.unsupportedWrite()
    // Uncorrectable received, multiple, and non-fatal messages received.
    #expect(tree.root(AER.rootErrorStatus) == 1 << 2 | 1 << 3 | 1 << 5)
    #expect(tree.root(AER.correctableSourceID) >> 16 == UInt32(tree.mock.function.id.rawValue))
    #expect(tree.hierarchy.root.core.interrupts.msiCount == 1)
    // A correctable one makes no new interrupt either: the condition holds already.
    tree.unsupportedRead()
    #expect(tree.hierarchy.root.core.interrupts.msiCount == 1)
    tree.write(.advancedErrorReporting, AER.rootErrorStatus, 0x7f)
    #expect(tree.root(AER.rootErrorStatus) == 0)
    tree.unsupportedWrite()
    #expect(tree.hierarchy.root.core.interrupts.msiCount == 2)
  }

  @Test("the Root Error Command decides on the interrupt, not on the status", arguments: [0, 1, 2, 4])
  func command(enables: UInt32) throws {
    let tree = try Tree()
    tree.write(.advancedErrorReporting, AER.rootErrorCommand, enables)
    tree.unsupportedWrite()
    #expect(tree.root(AER.rootErrorStatus) == 1 << 2 | 1 << 5)
    #expect(tree.hierarchy.root.core.interrupts.msiCount == (enables == 2 ? 1 : 0))
  }

  @Test("a fatal error that comes first is told apart from one that comes second")
  func firstFatal() throws {
    let first = try Tree()
    let place = try #require(first.mock.function.space.places.advancedErrorReporting)
    func raise(_ tree: Tree) {
      tree.hierarchy.root.configurationWrite(
        to: tree.mock.function.id, offset: place + AER.uncorrectableSeverity, value: 1 << 20,
        in: &tree.hierarchy.fabric)
    }
    raise(first)
    first.unsupportedWrite()
    #expect(first.root(AER.rootErrorStatus) == 1 << 2 | 1 << 4 | 1 << 6)
    let second = try Tree()
    second.unsupportedWrite()
    raise(second)
    second.unsupportedWrite()
    #expect(second.root(AER.rootErrorStatus) == 1 << 2 | 1 << 3 | 1 << 5 | 1 << 6)
  }

  @Test("with MSI off the root port asserts INTA")
  func wire() throws {
    let tree = try Tree()
    let place = try #require(tree.rootSpace.places.msi)
    tree.hierarchy.root.configurationWrite(
      to: Self.port, offset: place + 2, size: 2, value: 0, in: &tree.hierarchy.fabric)
    tree.unsupportedWrite()
    #expect(tree.hierarchy.root.core.interrupts.msiCount == 0)
    #expect(tree.hierarchy.root.claimInterrupt(.intx, vector: 0, from: Self.port))
    #expect(tree.rootSpace.status.contains(.interruptStatus))
    tree.write(.advancedErrorReporting, AER.rootErrorStatus, 0x7f)
    #expect(!tree.rootSpace.status.contains(.interruptStatus))
  }

  @Test("Root Control makes system errors of the severities it names")
  func systemErrors() throws {
    let tree = try Tree()
    tree.unsupportedWrite()
    #expect(tree.hierarchy.root.core.systemErrorCount == 0)
    let place = try #require(tree.rootSpace.places.express)
    tree.hierarchy.root.configurationWrite(
      to: Self.port, offset: place + ExpressCapability.Register.rootControl, size: 2, value: 2,
      in: &tree.hierarchy.fabric)
    tree.unsupportedWrite()
    tree.unsupportedRead()
    #expect(tree.hierarchy.root.core.systemErrorCount == 1)
  }

  @Test("an own error of the root port is no Received System Error")
  func ownError() throws {
    let tree = try Tree()
    tree.hierarchy.fabric.takeDown(link: tree.links[0], .surpriseDown)
    tree.hierarchy.fabric.runUntilIdle()
    #expect(tree.rootSpace.recordedErrors.violations == [.surpriseDown])
    #expect(tree.root(AER.rootErrorStatus) == 1 << 2 | 1 << 4 | 1 << 6)
    #expect(tree.root(AER.correctableSourceID) >> 16 == UInt32(Self.port.rawValue))
    #expect(!tree.rootSpace.secondaryStatus.contains(.signaledSystemError))
  }

  @Test("a root port contains what is below, tells by its interrupt, and lets go")
  func containment() throws {
    let tree = try Tree()
    #expect(tree.rootSpace.word((tree.rootSpace.places[.downstreamPortContainment] ?? 0) + DPC.status) == 0)
    tree.write(.downstreamPortContainment, DPC.control, 2 | 1 << 2 | 1 << 3, size: 2)
    tree.unsupportedWrite()
    let place = try #require(tree.rootSpace.places[.downstreamPortContainment])
    #expect(tree.rootSpace.word(place + DPC.status) == 1 | 1 << 1 | 1 << 3)
    #expect(tree.rootSpace.word(place + DPC.errorSourceID) != 0)
    #expect(tree.hierarchy.fabric.state(ofLink: tree.links[0]) == .down)
    // The message does not reach the root registers.
    #expect(tree.root(AER.rootErrorStatus) == 0)
    #expect(tree.hierarchy.root.claimInterrupt(.msi, vector: 0, from: Self.port))
    let read = tree.hierarchy.root.read(address: tree.address, count: 4, in: &tree.hierarchy.fabric)
    #expect(read.status == .unsupportedRequest && read.value == .max)
    tree.write(.downstreamPortContainment, DPC.status, 1 | 1 << 3, size: 2)
    tree.hierarchy.fabric.runUntilIdle()
    #expect(tree.hierarchy.fabric.state(ofLink: tree.links[0]) == .up)
    #expect(tree.rootSpace.recordedErrors.isEmpty)
    try tree.hierarchy.enumerate()
    let again = tree.hierarchy.root.read(address: tree.address, count: 4, in: &tree.hierarchy.fabric)
    #expect(again.status == .successful)
  }

  @Test("source validation and request redirect of a root port are ACS violations")
  func accessControl() throws {
    let bench = RootComplexBench(ports: 2)
    let foreign = TLPHeader.memoryRead(
      address: 0x1000, bytes: 4, requester: RootComplexBench.deviceID(1), tag: 1)
    let place = try #require(bench.space(0).places[.accessControlServices])
    bench.write(0, place + 4, 1 << 16)
    bench.send(foreign)
    #expect(bench.devices[0].arrivals.map(\.header.completionStatus) == [.completerAbort])
    #expect(bench.space(0).recordedErrors.violations == [.acsViolation, .advisoryNonFatal])
    #expect(bench.space(0).secondaryStatus.contains(.signaledTargetAbort))
    bench.write(0, place + 4, 1 << 18)
    bench.send(
      .memoryWrite(
        address: RootComplexBench.memory(1), bytes: 4, requester: RootComplexBench.deviceID(0)), [1, 2, 3, 4])
    #expect(bench.devices[1].arrivals.isEmpty)
    #expect(bench.violations == [.acsViolation, .acsViolation])
  }

  @Test("a bad digest at a root port that checks them: dropped, recorded there, no advisory case")
  func digest() throws {
    let bench = RootComplexBench()
    let place = try #require(bench.space(0).places.advancedErrorReporting)
    bench.write(0, place + AER.control, 1 << 8)
    bench.fabric.arm([
      LinkFault(
        .corrupt(.ecrc, value: nil), on: [.init(link: bench.links[0], isDownstream: false)],
        match: .init(.tlps(.any)))
    ])
    var header = TLPHeader.memoryWrite(address: 0x1000, bytes: 4, requester: RootComplexBench.deviceID(0))
    header.hasDigest = true
    let before = bench.root.core.memory.bytes
    bench.send(header, [1, 2, 3, 4])
    #expect(bench.root.core.memory.bytes == before)
    #expect(bench.space(0).recordedErrors.violations == [.ecrc])
    bench.write(0, place + AER.control, 0)
    bench.send(header, [1, 2, 3, 4])
    #expect(bench.root.core.memory.bytes[0x1000] == 1)
  }
}
