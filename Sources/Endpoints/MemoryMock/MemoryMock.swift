public import LinkBroker
public import PCIe
public import Simulation

/// An endpoint whose BARs are memory, some of it read-only; any reset brings the first contents back.
public final class MemoryMock: BusMasteringEndpoint {
  public let function: Function
  var memories: BarMemories

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

  /// All BARs, but for an interrupt table in one.
  public var memory: (any NodeMemory)? { self }

  /// Brings the first contents back.
  public func functionReset(_ kind: ResetKind, in fabric: inout Fabric) { memories.reset() }
}

// Whole DWs over a link on which nothing else is going on.
extension MemoryMock: NodeMemory {
  public func window(around request: TLPHeader, at port: Int, now: VirtualTime) -> MemoryWindow? {
    guard let window = function.memoryWindow(around: request, now: now), memories[window.region].isFlat else {
      return nil
    }
    return window
  }

  /// A write to a read-only BAR changes nothing.
  public func store(_ bytes: RawSpan, at place: MemoryPlace) {
    function.tally.memoryWrites &+= 1
    memories.write(bytes, toBar: place.region, at: place.offset)
  }

  public func load(from place: MemoryPlace, into bytes: inout MutableRawSpan) {
    function.tally.memoryReads &+= 1
    memories.read(bar: place.region, at: place.offset, into: &bytes)
  }
}
