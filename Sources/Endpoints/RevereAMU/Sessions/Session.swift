/// An ASN: an ordered channel from a transmitting socket to a receiving one.
///
/// - Layout: what each message needs comes first, in a line of the cache.
struct Session: Sendable {
  var source = SessionEnd()
  var destination = SessionEnd()
  /// How many messages have moved.
  var moved: UInt64 = 0
  /// Told apart from that of a read that must come to nothing.
  var epoch: UInt32 = 0
  /// The messages that the read brings.
  var fetched: Int32 = 0
  var isOpen = false
  /// It stands in the arbiter's queue.
  var isReady = false
  /// A DMA read of its ring is under way.
  var isFetching = false
  var trace = SessionTrace()
  var settings = SessionSettings()
  var profile = SessionProfile()
}

/// One end of a session.
struct SessionEnd: Hashable, Sendable {
  private var place: Int32
  private var number: UInt8
  let isHardware: Bool

  init(isHardware: Bool = false, context: Int = 0, socket: Int = 0) {
    self.isHardware = isHardware
    place = Int32(truncatingIfNeeded: context)
    number = UInt8(truncatingIfNeeded: socket)
  }

  /// The place among the software contexts, or among the hardware contexts of all accelerators.
  var context: Int { Int(place) }
  var socket: Int { Int(number) }
}

/// What PF_ASN_CREATE sets.
struct SessionSettings: Sendable {
  /// 0 to 15, the highest first.
  var priority: UInt8 = 0
  var log2Length: UInt8 = 3
  var format: UInt8 = 0
  var bufferCount: UInt8 = 0
  private var owner: UInt16 = 0
  var stash = StashSettings()

  /// MON_OWNER: the function that profiles and traces.
  var monitor: Int {
    get { Int(owner) }
    set { owner = UInt16(truncatingIfNeeded: newValue) }
  }

  /// - Units: bytes.
  var messageBytes: Int { 8 << Int(log2Length) }
  /// What stands before in-band data: a stash control doubleword and the references, in formats but 0.
  var frontBytes: Int { format == 0 ? 0 : 8 * (1 + Int(bufferCount)) }
}

/// Where messages are to be stashed by the host.
///
/// - Layout: STASH_CTL bits 1:0 are PH, STASH_DEST bits 7:0 the steering tag; a choice of this model.
struct StashSettings: Sendable {
  var isEnabled = false
  var control: UInt64 = 0
  var target: UInt32 = 0

  var hint: UInt8 { UInt8(truncatingIfNeeded: control & 3) }
  var steeringTag: UInt8 { UInt8(truncatingIfNeeded: target) }
}

/// What is counted of a session.
///
/// - Layout: PROF_CTL bit 0 enables, bit 1 reports overflows, bits 13:8 are the width of the counters
///   in bits,
///   0 for 64; the table has a doubleword for each counter whose bit is set in PROF_MASK. A choice of this
///   model.
struct SessionProfile: Sendable {
  /// The counters by their numbers.
  enum Counter: Int, CaseIterable {
    case messages
    case bytes
    /// How often the destination had no room.
    case stalls
    case faults
  }

  var control: UInt16 = 0
  var mask: UInt64 = 0
  var tableBase: UInt64 = 0
  var counts = InlineArray<4, UInt64>(repeating: 0)

  var isEnabled: Bool { control & 1 != 0 }

  /// Counts; true when the counter has run over and that is to be reported.
  mutating func add(_ amount: UInt64, to counter: Counter) -> Bool {
    guard isEnabled, mask >> UInt64(counter.rawValue) & 1 != 0 else { return false }
    let width = UInt64(control >> 8 & 63)
    let (sum, overflow) = counts[counter.rawValue].addingReportingOverflow(amount)
    let hasRunOver = width == 0 ? overflow : sum >> width != 0
    counts[counter.rawValue] = width == 0 ? sum : sum & (1 << width - 1)
    return hasRunOver && control & 2 != 0
  }

  /// The table as it is flushed.
  var table: [UInt8] {
    var bytes: [UInt8] = []
    for counter in Counter.allCases where mask >> UInt64(counter.rawValue) & 1 != 0 {
      for byte in 0..<8 {
        bytes.append(UInt8(truncatingIfNeeded: counts[counter.rawValue] >> UInt64(byte * 8)))
      }
    }
    return bytes
  }
}
