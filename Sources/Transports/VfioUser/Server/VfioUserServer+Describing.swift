import Glibc

// What the device is.
extension VfioUserServer {
  func describeDevice(_ payload: [UInt8]) throws(VfioUserError) -> Reply {
    guard payload.count >= 16 else { throw VfioUserError(number: EINVAL) }
    var reply: [UInt8] = []
    reply.add(UInt32(16))
    reply.add(UInt32(Self.isPCI | (device.canReset ? 1 : 0)))
    reply.add(UInt32(device.regions.count))
    reply.add(UInt32(device.interrupts.count))
    return Reply(reply)
  }

  private static let isPCI = 2

  /// Describes a region, with the areas that may be mapped once the peer has room for them.
  ///
  /// QEMU learns from the flag and the offset, which come in any case, that there is more, and asks again.
  func describeRegion(_ payload: [UInt8]) throws(VfioUserError) -> Reply {
    guard payload.count >= 32 else { throw VfioUserError(number: EINVAL) }
    let index = Int(payload.field(8, as: UInt32.self))
    guard device.regions.indices.contains(index) else { throw VfioUserError(number: EINVAL) }
    let region = device.regions[index]
    let areas = region.memory == nil ? [] : region.areas
    let whole = areas.isEmpty ? 32 : 32 + 16 + areas.count * 16
    let hasRoom = Int(payload.field(0, as: UInt32.self)) >= whole
    var flags: UInt32 = region.bytes == 0 ? 0 : 3
    if !areas.isEmpty { flags |= 4 | 8 }
    var reply: [UInt8] = []
    reply.add(UInt32(whole))
    reply.add(flags)
    reply.add(UInt32(index))
    reply.add(UInt32(areas.isEmpty ? 0 : 32))
    reply.add(region.bytes)
    reply.add(UInt64(0))
    guard !areas.isEmpty, hasRoom else { return Reply(reply) }
    reply.add(UInt16(1))
    reply.add(UInt16(1))
    reply.add(UInt32(0))
    reply.add(UInt32(areas.count))
    reply.add(UInt32(0))
    for area in areas {
      reply.add(area.lowerBound)
      reply.add(area.upperBound - area.lowerBound)
    }
    return Reply(reply, passing: region.memory.map { [$0] } ?? [])
  }

  func describeInterrupts(_ payload: [UInt8]) throws(VfioUserError) -> Reply {
    guard payload.count >= 16 else { throw VfioUserError(number: EINVAL) }
    let number = Int(payload.field(8, as: UInt32.self))
    guard let index = VfioUserInterruptIndex(rawValue: number), number < device.interrupts.count else {
      throw VfioUserError(number: EINVAL)
    }
    var reply: [UInt8] = []
    reply.add(UInt32(16))
    reply.add(index.flags)
    reply.add(UInt32(number))
    reply.add(UInt32(device.interrupts[number]))
    return Reply(reply)
  }
}

extension VfioUserInterruptIndex {
  /// An eventfd; a line can be masked and masks itself; a table does not change its size.
  fileprivate var flags: UInt32 {
    switch self {
    case .intx: 7
    case .msi, .msix: 9
    case .error, .request: 1
    }
  }
}
