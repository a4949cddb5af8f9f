import LinkBroker
import PCIe

/// The three spaces that registers are placed in.
enum ResourceSpace: CaseIterable {
  case memory
  case prefetchable
  case io

  /// Where a register goes: only 64-bit prefetchable ones may stand above 4 GiB, behind the prefetchable
  /// window.
  init(_ layout: BarLayout) {
    if layout.isIO {
      self = .io
    } else {
      self = layout.is64Bit && layout.isPrefetchable ? .prefetchable : .memory
    }
  }

  /// The unit of a bridge's window.
  var granularity: UInt64 { self == .io ? 4096 : 1 << 20 }
}

extension Enumerator {
  /// Places all registers, the largest of a bus first so that alignment wastes nothing, and opens the
  /// windows.
  mutating func assign(in fabric: inout Fabric) throws(EnumerationError) {
    guard UInt64(map.memoryBytes) <= map.memory.lowerBound else {
      throw .memoryTooLarge(bytes: map.memoryBytes, limit: map.memory.lowerBound)
    }
    for space in ResourceSpace.allCases {
      var pool =
        switch space {
        case .memory: AddressPool(name: "32-bit memory", map.memory)
        case .prefetchable: AddressPool(name: "64-bit memory", map.prefetchable)
        case .io: AddressPool(name: "I/O", map.io)
        }
      for index in functions.indices where functions[index].parent == nil {
        try assign(index, space, from: &pool, in: &fabric)
      }
    }
  }

  /// Places registers in the memory that a bridge leads to already; there is no I/O behind it.
  mutating func place(
    _ added: Range<Int>, inWindowOf bridge: FunctionAddress, in fabric: inout Fabric
  ) throws(EnumerationError) {
    let window = try read(bridge, HeaderRegister.memoryBase, 4, in: &fabric)
    let base = UInt64(window & 0xfff0) << 16
    let end = UInt64(window >> 16 & 0xfff0) << 16 + 1 << 20
    var memory = AddressPool(name: "memory of \(bridge)", base..<max(base, end))
    var io = AddressPool(name: "I/O", 0..<0)
    try placeBars(of: Array(added), .memory, from: &memory, in: &fabric)
    try placeBars(of: Array(added), .prefetchable, from: &memory, in: &fabric)
    try placeBars(of: Array(added), .io, from: &io, in: &fabric)
  }

  /// Places what stands on the bus below a bridge, then the registers of the bridge's children.
  private mutating func assign(
    _ bridge: Int, _ space: ResourceSpace, from pool: inout AddressPool, in fabric: inout Fabric
  ) throws(EnumerationError) {
    try placeBars(of: [bridge], space, from: &pool, in: &fabric)
    guard functions[bridge].isBridge else { return }
    let spare = space == .memory && isEmpty(bridge) ? map.spareBytes : 0
    guard needs(bridge, space) || spare > 0 else {
      return try openWindow(bridge, space, nil, in: &fabric)
    }
    guard let start = pool.align(space.granularity) else {
      throw .noWindow(bridge: functions[bridge].address, bytes: space.granularity, space: pool.name)
    }
    let children = functions.indices.filter { functions[$0].parent == functions[bridge].address }
    try placeBars(of: children.filter { !functions[$0].isBridge }, space, from: &pool, in: &fabric)
    for child in children where functions[child].isBridge {
      try assign(child, space, from: &pool, in: &fabric)
    }
    guard spare == 0 || pool.take(spare, alignedTo: space.granularity) != nil,
      let end = pool.align(space.granularity)
    else {
      throw .noWindow(bridge: functions[bridge].address, bytes: space.granularity, space: pool.name)
    }
    try openWindow(bridge, space, (start, end - 1), in: &fabric)
  }

  private func isEmpty(_ bridge: Int) -> Bool {
    !functions.contains { $0.parent == functions[bridge].address }
  }

  /// Whether anything below a bridge stands in a space.
  private func needs(_ bridge: Int, _ space: ResourceSpace) -> Bool {
    functions.contains { function in
      let isBelow =
        function.address.bus >= functions[bridge].secondaryBus
        && function.address.bus <= functions[bridge].subordinateBus
      return isBelow && (function.bars + function.virtualBars).contains { ResourceSpace($0.layout) == space }
    }
  }

  /// A register that a range is looked for; those of virtual functions stand in the SR-IOV capability.
  private struct WantedBar {
    var function: Int
    var bar: DiscoveredBar
    var index: Int
    var isVirtual = false
  }

  private mutating func placeBars(
    of indexes: [Int], _ space: ResourceSpace, from pool: inout AddressPool, in fabric: inout Fabric
  ) throws(EnumerationError) {
    var wanted: [WantedBar] = []
    for function in indexes {
      for (index, bar) in functions[function].bars.enumerated() {
        wanted.append(WantedBar(function: function, bar: bar, index: index))
      }
      for (index, bar) in functions[function].virtualBars.enumerated() {
        wanted.append(WantedBar(function: function, bar: bar, index: index, isVirtual: true))
      }
    }
    wanted.removeAll { ResourceSpace($0.bar.layout) != space }
    // Stable, so that equal sizes keep the order of discovery.
    let order = wanted.indices.sorted { left, right in
      let (a, b) = (wanted[left].bar.layout.bytes, wanted[right].bar.layout.bytes)
      return a != b ? a > b : left < right
    }
    for place in order { try placeBar(wanted[place], from: &pool, in: &fabric) }
  }

  private mutating func placeBar(
    _ wanted: WantedBar, from pool: inout AddressPool, in fabric: inout Fabric
  ) throws(EnumerationError) {
    let function = functions[wanted.function].address
    let layout = wanted.bar.layout
    guard let address = pool.take(wanted.bar.totalBytes, alignedTo: layout.bytes) else {
      throw .noSpace(
        function: function, bar: layout.index, bytes: wanted.bar.totalBytes, space: pool.name)
    }
    var offset = HeaderRegister.bar(layout.index)
    if wanted.isVirtual {
      update(wanted.function) { $0.virtualBars[wanted.index].address = address }
      let id = ExtendedCapabilityID.singleRootVirtualization.rawValue
      let place = functions[wanted.function].extendedCapabilities[id] ?? 0
      offset = place + SingleRootVirtualizationCapability.Register.vfBar0 + layout.index * 4
    } else {
      update(wanted.function) { $0.bars[wanted.index].address = address }
    }
    try write(function, offset, 4, UInt32(truncatingIfNeeded: address), in: &fabric)
    if layout.is64Bit {
      try write(function, offset + 4, 4, UInt32(truncatingIfNeeded: address >> 32), in: &fabric)
    }
  }

  /// Writes a window; without a range it is closed, its base above its limit.
  private func openWindow(
    _ bridge: Int, _ space: ResourceSpace, _ range: (base: UInt64, limit: UInt64)?, in fabric: inout Fabric
  ) throws(EnumerationError) {
    let function = functions[bridge].address
    let base = range?.base ?? 0xfff0_0000
    let limit = range?.limit ?? 0
    switch space {
    case .memory:
      try write(function, HeaderRegister.memoryBase, 4, Self.halves(base, limit), in: &fabric)
    case .prefetchable:
      try write(function, HeaderRegister.prefetchableBase, 4, Self.halves(base, limit), in: &fabric)
      let upperBase = UInt32(truncatingIfNeeded: base >> 32)
      let upperLimit = UInt32(truncatingIfNeeded: limit >> 32)
      try write(function, HeaderRegister.prefetchableBaseUpper, 4, upperBase, in: &fabric)
      try write(function, HeaderRegister.prefetchableLimitUpper, 4, upperLimit, in: &fabric)
    case .io:
      let low = range == nil ? UInt32(0x00f0) : UInt32(base >> 8 & 0xf0) | UInt32(limit >> 8 & 0xf0) << 8
      try write(function, HeaderRegister.ioBase, 2, low, in: &fabric)
      let upper = range == nil ? 0 : UInt32(base >> 16 & 0xffff) | UInt32(limit >> 16 & 0xffff) << 16
      try write(function, HeaderRegister.ioBaseUpper, 4, upper, in: &fabric)
    }
  }

  /// Bits 31:20 of base and limit, in the upper twelve bits of a 16-bit register each.
  private static func halves(_ base: UInt64, _ limit: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: base >> 16 & 0xfff0) | UInt32(truncatingIfNeeded: limit >> 16 & 0xfff0) << 16
  }
}
