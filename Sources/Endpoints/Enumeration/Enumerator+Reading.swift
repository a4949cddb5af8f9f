import LinkBroker
import PCIe

extension Enumerator {
  /// Follows both capability lists; a list longer than the space can hold is a loop.
  func walkCapabilities(_ function: inout DiscoveredFunction, in fabric: inout Fabric)
    throws(EnumerationError)
  {
    let status = try read(function.address, HeaderRegister.status, 2, in: &fabric)
    guard UInt16(truncatingIfNeeded: status) & StatusBits.capabilitiesList.rawValue != 0 else { return }
    var place = Int(try read(function.address, HeaderRegister.capabilitiesPointer, 1, in: &fabric) & 0xfc)
    var steps = 0
    while place >= HeaderRegister.endOfHeader {
      steps += 1
      guard steps <= 48 else { throw .capabilityLoop(function: function.address) }
      let head = try read(function.address, place, 2, in: &fabric)
      let id = UInt8(truncatingIfNeeded: head)
      if function.capabilities[id] == nil { function.capabilities[id] = place }
      place = Int(head >> 8 & 0xfc)
    }
    guard function.capabilities[CapabilityID.express.rawValue] != nil else { return }
    try walkExtended(&function, in: &fabric)
  }

  private func walkExtended(_ function: inout DiscoveredFunction, in fabric: inout Fabric)
    throws(EnumerationError)
  {
    var place = HeaderRegister.extendedSpace
    var steps = 0
    while place >= HeaderRegister.extendedSpace {
      steps += 1
      guard steps <= 960 else { throw .capabilityLoop(function: function.address) }
      let head = try read(function.address, place, 4, in: &fabric)
      guard head != 0, head != .max else { return }
      let id = UInt16(truncatingIfNeeded: head)
      if function.extendedCapabilities[id] == nil { function.extendedCapabilities[id] = place }
      place = Int(head >> 20 & 0xffc)
    }
  }

  /// Writes all ones to each base address register and reads back which bits are there.
  func sizeBars(_ function: inout DiscoveredFunction, in fabric: inout Fabric) throws(EnumerationError) {
    let slots = function.isBridge ? 2 : 6
    let place = HeaderRegister.bar(0)
    let layouts = try barLayouts(of: function.address, at: place, slots: slots, in: &fabric)
    function.bars = layouts.map { DiscoveredBar(layout: $0) }
    typealias Register = SingleRootVirtualizationCapability.Register
    let id = ExtendedCapabilityID.singleRootVirtualization.rawValue
    guard let place = function.extendedCapabilities[id] else { return }
    let count = UInt64(try read(function.address, place + Register.totalVFs, 2, in: &fabric))
    let virtual = try barLayouts(of: function.address, at: place + Register.vfBar0, slots: 6, in: &fabric)
    function.virtualBars = virtual.map { DiscoveredBar(layout: $0, count: count) }
  }

  private func barLayouts(
    of function: FunctionAddress, at place: Int, slots: Int, in fabric: inout Fabric
  ) throws(EnumerationError) -> [BarLayout] {
    var layouts: [BarLayout] = []
    var index = 0
    while index < slots {
      let low = try probeBar(function, place + index * 4, in: &fabric)
      guard low != 0 else {
        index += 1
        continue
      }
      if low & 1 == 1 {
        let bytes = UInt64(~(low & ~3) &+ 1 & 0xffff_ffff)
        layouts.append(BarLayout(index: index, bytes: bytes, kind: .io))
        index += 1
        continue
      }
      let isPrefetchable = low & 8 != 0
      // The last slot has no upper half: such a register is refused below.
      let isWide = low & 6 == 4
      let high =
        isWide && index + 1 < slots ? try probeBar(function, place + index * 4 + 4, in: &fabric) : .max
      let bytes = ~(UInt64(high) << 32 | UInt64(low & ~15)) &+ 1
      let kind: BarLayout.Kind =
        isWide ? .memory64(prefetchable: isPrefetchable) : .memory32(prefetchable: isPrefetchable)
      layouts.append(BarLayout(index: index, bytes: bytes, kind: kind))
      index += isWide ? 2 : 1
    }
    do throws(ConfigurationSpaceError) {
      try BarLayout.validate(layouts, slotCount: slots)
    } catch {
      throw .bar(function: function, error)
    }
    return layouts
  }

  private func probeBar(
    _ function: FunctionAddress, _ offset: Int, in fabric: inout Fabric
  ) throws(EnumerationError) -> UInt32 {
    try write(function, offset, 4, .max, in: &fabric)
    let value = try read(function, offset, 4, in: &fabric)
    try write(function, offset, 4, 0, in: &fabric)
    return value
  }
}
