/// What software has set of the virtual functions of a physical one.
///
/// - Source: PCI Express Base 5.0, 9.3.3 "SR-IOV Extended Capability".
public struct VirtualFunctionSettings: Hashable, Sendable {
  /// The virtual functions that there are now; zero without VF Enable.
  public var count: Int
  /// Whether they decode memory requests.
  public var decodesMemory: Bool
  /// The distance of the first one's ID from that of the physical function, and between two of them.
  public var firstOffset: UInt16
  public var stride: UInt16
  /// The least distance between the same BAR of two functions.
  public var pageBytes: UInt64

  /// The ID of a virtual function, the first one having the number 1.
  public func id(ofFunction number: Int, of physical: FunctionAddress) -> FunctionAddress {
    FunctionAddress(
      rawValue: physical.rawValue &+ firstOffset &+ stride &* UInt16(truncatingIfNeeded: number - 1))
  }
}

extension ConfigurationSpace {
  /// The settings of the SR-IOV capability; nil without it.
  public var virtualFunctions: VirtualFunctionSettings? {
    typealias Register = SingleRootVirtualizationCapability.Register
    typealias Control = SingleRootVirtualizationCapability.Control
    guard let place = places[.singleRootVirtualization] else { return nil }
    let control = word(place + Register.control)
    let reachable =
      control & Control.ariHierarchy == 0
      ? SingleRootVirtualizationCapability.countWithoutARI : word(place + Register.totalVFs)
    let count = min(word(place + Register.numVFs), word(place + Register.totalVFs), reachable)
    return VirtualFunctionSettings(
      count: control & Control.vfEnable == 0 ? 0 : Int(count),
      decodesMemory: control & Control.vfEnable != 0 && control & Control.vfMemoryEnable != 0,
      firstOffset: word(place + Register.firstVFOffset), stride: word(place + Register.vfStride),
      pageBytes: UInt64(doubleWord(place + Register.systemPageSize)) << 12)
  }

  /// Where a BAR of the first virtual function stands.
  public func addressOfVirtual(_ bar: BarLayout) -> UInt64 {
    guard let place = places[.singleRootVirtualization] else { return 0 }
    let offset = place + SingleRootVirtualizationCapability.Register.vfBar0 + bar.index * 4
    let low = UInt64(doubleWord(offset) & ~15)
    let address = bar.is64Bit ? UInt64(doubleWord(offset + 4)) << 32 | low : low
    // The page size may have grown since the address was written.
    return address & ~(max(bar.bytes, virtualFunctions?.pageBytes ?? 0) &- 1)
  }
}
