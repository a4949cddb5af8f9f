/// Finds all functions, depth first, and gives buses and addresses as firmware does.
struct Enumeration {
  private var nextBus: UInt8 = 1
  private var next: UInt64 = 0x4000_0000
  private let end: UInt64 = 0x8000_0000
  private(set) var functionCount = 0
  private(set) var isFull = false

  /// Sets up what is on a bus and below.
  mutating func run(bus: UInt8) {
    for device in UInt8(0)..<32 {
      for function in UInt8(0)..<8 {
        let address = FunctionAddress(bus: bus, device: device, function: function)
        guard address.isPresent else { continue }
        // Of several functions, all but the first need the first to say so.
        let first = FunctionAddress(bus: bus, device: device, function: 0)
        if function > 0, first.read8(0x0e) & 0x80 == 0 { continue }
        functionCount += 1
        tell(address)
        placeBars(of: address, address.isBridge ? 2 : 6)
        if address.isBridge { runBridge(address) }
      }
    }
  }

  private mutating func runBridge(_ address: FunctionAddress) {
    let secondary = nextBus
    nextBus += 1
    address.write8(address.bus, at: 0x18)
    address.write8(secondary, at: 0x19)
    address.write8(0xff, at: 0x1a)
    next = (next + 0xf_ffff) & ~0xf_ffff
    let start = next
    // Open while what is below gets its place, so that it can be reached.
    setWindow(address, start, end)
    address.write32(0x0001_fff1, at: 0x24)
    address.write16(0x0006, at: 0x04)
    run(bus: secondary)
    address.write8(nextBus - 1, at: 0x1a)
    next = (next + 0xf_ffff) & ~0xf_ffff
    setWindow(address, start, next)
  }

  /// The memory window of a bridge; one that is empty has its base above its limit.
  private func setWindow(_ address: FunctionAddress, _ start: UInt64, _ end: UInt64) {
    let base = start == end ? UInt32(0xfff0) : UInt32(truncatingIfNeeded: start >> 16) & 0xfff0
    let limit = start == end ? UInt32(0) : UInt32(truncatingIfNeeded: (end - 1) >> 16) & 0xfff0
    address.write32(limit << 16 | base, at: 0x20)
  }

  private mutating func placeBars(of address: FunctionAddress, _ count: UInt64) {
    var index: UInt64 = 0
    while index < count {
      defer { index += 1 }
      let place = 0x10 + 4 * index
      address.write32(0xffff_ffff, at: place)
      let low = address.read32(place)
      let isWide = low & 7 == 4
      guard low != 0 else { continue }
      guard low & 1 == 0 else {
        address.write32(0, at: place)
        continue
      }
      var mask = UInt64(low & ~15) | 0xffff_ffff_0000_0000
      if isWide {
        address.write32(0xffff_ffff, at: place + 4)
        mask = UInt64(address.read32(place + 4)) << 32 | UInt64(low & ~15)
      }
      let size = ~mask &+ 1
      let start = (next + size - 1) & mask
      guard size < end, start + size <= end else {
        isFull = true
        continue
      }
      next = start + size
      address.write32(UInt32(truncatingIfNeeded: start), at: place)
      if isWide { address.write32(UInt32(truncatingIfNeeded: start >> 32), at: place + 4) }
      tellBar(address, index, start, size)
      if isWide { index += 1 }
    }
  }

  private func tell(_ address: FunctionAddress) {
    Console.put("pci ")
    Console.put(address)
    Console.put(" ")
    Console.put(UInt64(address.identity & 0xffff), digits: 4)
    Console.put(":")
    Console.put(UInt64(address.identity >> 16), digits: 4)
    Console.put(" class ")
    Console.put(UInt64(address.read32(0x08) >> 8), digits: 6)
    Console.endLine()
  }

  private func tellBar(_ address: FunctionAddress, _ index: UInt64, _ start: UInt64, _ size: UInt64) {
    Console.put("pci ")
    Console.put(address)
    Console.put(" bar")
    Console.put(index, digits: 1)
    Console.put(" 0x")
    Console.put(start, digits: 8)
    Console.put(" size 0x")
    Console.put(size, digits: 8)
    Console.endLine()
  }
}
