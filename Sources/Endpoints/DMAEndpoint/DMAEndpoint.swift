public import LinkBroker
public import PCIe
import Simulation

/// An endpoint with the registers of the Linux endpoint test function: it moves data and raises interrupts.
///
/// Registers are memory that software may read and write at will; a write of COMMAND starts the work.
/// - Source: Linux, `Documentation/PCI/endpoint/pci-test-function.rst`.
public final class DMAEndpoint: BusMasteringEndpoint {
  public let function: Function
  var memories: BarMemories
  var transfer: DMATransfer?
  var generator: SeededGenerator
  /// Told apart so that the timer of an abandoned transfer does nothing.
  var lastTimer = Function.requesterTimer

  /// - Throws: what is wrong with the configuration.
  public init(_ configuration: DMAEndpointConfiguration = DMAEndpointConfiguration()) throws(EndpointError) {
    try configuration.checkRegisterBar()
    function = try Function(configuration.function)
    memories = try BarMemories(configuration.bars)
    generator = SeededGenerator(seed: configuration.seed)
  }

  /// Reads memory or registers; reading STATUS lowers the INTx wire.
  public func readBar(
    _ range: BarRange, into payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) -> BarResponse {
    memories.read(range, into: payload, at: place, in: &fabric)
    // Newer drivers only read STATUS in their handler: that must lower the wire.
    if range.bar == 0, range.touches(DMARegister.status) { function.setINTx(false, in: &fabric) }
    return .done
  }

  /// Writes memory or registers; writing COMMAND starts the work.
  public func writeBar(
    _ range: BarRange, from payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) -> BarResponse {
    memories.write(range, from: payload, at: place, in: &fabric)
    guard range.bar == 0 else { return .done }
    // Older drivers write STATUS back without the bit.
    if range.touches(DMARegister.status), !status.contains(.interruptRaised) {
      function.setINTx(false, in: &fabric)
    }
    if range.touches(DMARegister.command) { takeCommand(in: &fabric) }
    return .done
  }

  /// Begins the random bytes of WRITE anew.
  public func reseed(_ seed: UInt64) { generator = SeededGenerator(seed: seed) }

  /// Abandons the transfer and brings the first contents back.
  public func functionReset(_ kind: ResetKind, in fabric: inout Fabric) {
    if let operation = transfer?.operation { function.release(operation) }
    transfer = nil
    memories.reset()
  }
}

// Registers.
extension DMAEndpoint {
  func register(_ offset: Int) -> UInt32 { memories[0].word(at: offset) }
  func setRegister(_ offset: Int, _ value: UInt32) { memories[0].setWord(at: offset, to: value) }

  func address(_ low: Int, _ high: Int) -> UInt64 {
    UInt64(register(high)) << 32 | UInt64(register(low))
  }

  var status: DMAStatus {
    get { DMAStatus(rawValue: register(DMARegister.status)) }
    set { setRegister(DMARegister.status, newValue.rawValue) }
  }
}
