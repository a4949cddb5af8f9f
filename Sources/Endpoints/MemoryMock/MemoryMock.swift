public import LinkBroker
public import PCIe

/// An endpoint whose BARs are memory, some of it read-only; any reset brings the first contents back.
public final class MemoryMock: BusMasteringEndpoint {
  public let function: Function
  private var memories: BarMemories

  /// - Throws: what is wrong with the configuration.
  public init(_ configuration: MemoryMockConfiguration = MemoryMockConfiguration()) throws(EndpointError) {
    function = try Function(configuration.function)
    memories = try BarMemories(configuration.bars)
  }

  /// Reads memory.
  public func readBar(
    _ range: BarRange, into payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) -> BarResponse {
    memories.read(range, into: payload, at: place, in: &fabric)
    return .done
  }

  /// Writes memory; a write to a read-only BAR changes nothing.
  public func writeBar(
    _ range: BarRange, from payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) -> BarResponse {
    memories.write(range, from: payload, at: place, in: &fabric)
    return .done
  }

  /// Brings the first contents back.
  public func functionReset(_ kind: ResetKind, in fabric: inout Fabric) { memories.reset() }
}
