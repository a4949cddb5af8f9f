import PCIe
import Testing

@testable import Endpoints

/// Interrupts as they arrive at a root complex.
struct InterruptTargetTests {
  private static let device = RootComplexBench.deviceID(0)

  private func interrupt(_ bench: RootComplexBench, _ data: UInt32) {
    bench.writeUp(InterruptTarget.address, (0..<4).map { UInt8(truncatingIfNeeded: data >> ($0 * 8)) })
  }

  private func claim(
    _ bench: RootComplexBench, _ kind: InterruptTarget.Kind, vector: Int, from function: FunctionAddress?
  ) -> Bool {
    bench.root.core.interrupts.claim(kind, vector: vector, from: function)
  }

  @Test func arrivalsAreClaimedOnce() {
    let bench = RootComplexBench()
    let first = bench.root.core.interrupts.allocate(function: Self.device, kind: .msix, vectors: 4)
    interrupt(bench, UInt32(first + 2))
    #expect(bench.root.core.interrupts.msixCount == 1)
    #expect(!claim(bench, .msix, vector: 1, from: nil))
    #expect(!claim(bench, .msi, vector: 2, from: nil))
    #expect(!claim(bench, .msix, vector: 2, from: RootComplexBench.deviceID(1)))
    #expect(claim(bench, .msix, vector: 2, from: Self.device))
    #expect(!claim(bench, .msix, vector: 2, from: Self.device))
    #expect(bench.violations.isEmpty)
  }

  @Test func dataOfNobodyIsStray() {
    let bench = RootComplexBench()
    _ = bench.root.core.interrupts.allocate(function: Self.device, kind: .msi, vectors: 2)
    interrupt(bench, 2)
    interrupt(bench, .max)
    #expect(bench.root.core.interrupts.strayCount == 2)
    #expect(bench.root.core.interrupts.msiCount == 0)
  }

  /// MSI changes the low bits of its data, so that each function needs an aligned block.
  @Test func blocksAreAligned() {
    var target = InterruptTarget()
    let starts = [(InterruptTarget.Kind.msix, 3), (.msi, 4), (.msi, 1), (.msi, 8)].enumerated().map {
      target.allocate(
        function: RootComplexBench.deviceID($0.offset), kind: $0.element.0, vectors: $0.element.1)
    }
    #expect(starts == [0, 4, 8, 16])
  }

  @Test func wiresOfTwoPortsAreTwoInterrupts() {
    let bench = RootComplexBench(ports: 2)
    for port in 0..<2 {
      bench.send(.message(.assertINTA, requester: RootComplexBench.deviceID(port)), from: port)
    }
    bench.send(.message(.assertINTA, requester: Self.device))
    #expect(bench.root.core.interrupts.intxCount == 2)
    bench.send(.message(.deassertINTA, requester: Self.device))
    bench.send(.message(.assertINTA, requester: Self.device))
    #expect(bench.root.core.interrupts.intxCount == 3)
    #expect(bench.violations.isEmpty)
  }

  @Test func errorMessagesFillTheRootErrorRegisters() throws {
    let bench = RootComplexBench()
    bench.write(
      0, HeaderRegister.interruptLine, UInt32(BridgeControlBits.serrEnable.rawValue) << 16)
    bench.write(0, try #require(bench.space(0).places.express) + 8, 0xf)
    let place = try #require(bench.space(0).places.advancedErrorReporting)
    typealias Register = AdvancedErrorReportingCapability.Register
    bench.send(.message(.nonFatalError, requester: Self.device))
    #expect(bench.space(0).doubleWord(place + Register.rootErrorStatus) == 1 << 2 | 1 << 5)
    #expect(bench.space(0).word(place + Register.uncorrectableSourceID) == Self.device.rawValue)
    bench.send(.message(.correctableError, requester: Self.device))
    bench.send(.message(.fatalError, requester: RootComplexBench.portID(0)))
    let status = bench.space(0).doubleWord(place + Register.rootErrorStatus)
    #expect(status == 1 << 0 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 6)
    #expect(bench.space(0).word(place + Register.uncorrectableSourceID) == Self.device.rawValue)
    #expect(bench.root.core.errorMessageCount == 3)
  }

  @Test func errorMessagesNeedTheEnableOfThePort() {
    let bench = RootComplexBench()
    bench.send(.message(.fatalError, requester: Self.device))
    #expect(bench.root.core.errorMessageCount == 0)
  }
}
