/// What a device server says of its device.
struct VfioUserDevice {
  /// One region: a BAR, the ROM or configuration space.
  struct Region {
    /// A power of two for a BAR; 0 for a region that is not there.
    var bytes: UInt64 = 0
    /// What the peer may map, each a whole number of pages of `memory`; it is not told of the accesses there.
    var areas: [Range<UInt64>] = []
    /// The file that areas are mapped from, the region's first byte at its beginning.
    var memory: PassedDescriptor?
  }

  /// By their indices.
  var regions = Array(repeating: Region(), count: VfioUserRegionIndex.count)
  /// The vectors of each interrupt index.
  var interrupts = Array(repeating: 0, count: VfioUserInterruptIndex.allCases.count)
  var canReset = true
}

/// A BAR that a host may map as a whole, if the device has it so.
struct VfioUserOffer {
  let bar: Int
  let bytes: UInt64
  let memory: PassedDescriptor
}

/// A command that its peer waits to be answered, or not.
struct VfioUserToken: Hashable {
  let command: VfioUserHeader
  var isAwaited: Bool { !command.wantsNoReply }
}

/// What a device server's owner has to do.
enum VfioUserEvent {
  case read(VfioUserToken, VfioUserRange)
  /// Nobody waits when `token` is nil, as for one of many writes.
  case write(VfioUserToken?, VfioUserRange, [UInt8])
  case reset(VfioUserToken)
  /// The peer has changed which vectors of an index it takes.
  case interruptsChanged(VfioUserInterruptIndex)
  /// The answer to a read of the peer's memory: nil when it has failed.
  case memoryRead(tag: Int, [UInt8]?)
  /// The peer has taken a write of its memory, or refused it.
  case memoryWritten(isTaken: Bool)
}

extension VfioUserEvent {
  /// The data that it holds.
  var bytes: Int {
    switch self {
    case .write(_, _, let data), .memoryRead(_, let data?): data.count
    case .read, .reset, .interruptsChanged, .memoryRead, .memoryWritten: 0
    }
  }
}

/// Some bytes of a region.
struct VfioUserRange: Hashable {
  var region: Int
  var offset: UInt64
  var count: Int
}
