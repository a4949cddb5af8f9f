import PCIe
import Simulation

/// What the taps of a fabric's links have seen, as blocks of a pcapng file in one buffer.
///
/// Comments are kept beside the blocks and join them when the file is written, as most are known only later.
/// - Layout: pcapng, least significant byte first; link type USER0 with a pseudo-header of two octets.
/// - Complexity: taking a TLP copies its bytes once; nothing is allocated once the buffer has its size.
/// - Source: draft-ietf-opsawg-pcapng, 4.3 "Enhanced Packet Block".
public struct LinkCapture: Sendable {
  /// Something to be said about a block.
  struct Comment: Sendable {
    /// Where the block begins in the buffer.
    var offset: Int
    var text: String
  }

  /// Whether the taps write.
  private(set) var isOn = false
  var settings = CaptureSettings(interfaces: [])
  /// Enhanced packet blocks without comments; what is behind `used` is not set.
  var bytes: [UInt8] = []
  var used = 0
  /// The instant that counts as zero in the file.
  var origin = VirtualTime.zero
  /// When the capture ended, on its own clock.
  var end = VirtualDuration.zero
  /// In the order of the blocks, once the capture has ended.
  var comments: [Comment] = []
  /// What is to be said about the next block.
  var notes: [String] = []
  /// What is to be marked at the next block.
  var nextMarks: CaptureMarks = []
  /// The records of each link that gave way to newer ones.
  var lostByLink: [UInt64] = []

  /// A capture that is off.
  init() {}

  /// Takes over the buffer of a capture that has been written, so that its room is used again.
  init(reusing other: consuming LinkCapture?) {
    if let storage = other.take()?.bytes { bytes = storage }
  }

  mutating func start(_ settings: CaptureSettings, at now: VirtualTime) {
    self.settings = settings
    isOn = true
    used = 0
    origin = now
    comments.removeAll()
    notes.removeAll()
    nextMarks = []
    lostByLink = Array(repeating: 0, count: settings.interfaces.count)
    if bytes.isEmpty { bytes = [UInt8](repeating: 0, count: CaptureSettings.bytesMin) }
  }

  mutating func finish(at now: VirtualTime) {
    isOn = false
    end = now - origin
    if used == 0 { notes.removeAll() }
    for note in notes { comment(at: lastOffset, note, nextMarks) }
    notes.removeAll()
    let lost = lost
    if lost > 0 {
      let text = "\(lost) earlier records gave way: the capture is limited to \(settings.bytesMax) bytes"
      comments.append(Comment(offset: 0, text: text))
    }
    // Stable, so that the comments of one block stay in the order in which they came.
    comments = comments.enumerated()
      .sorted { ($0.element.offset, $0.offset) < ($1.element.offset, $1.offset) }.map(\.element)
  }
}

// Looking.
extension LinkCapture {
  /// The records in the capture.
  ///
  /// - Complexity: linear in their number.
  public var count: UInt64 { countByLink.reduce(0, +) }

  /// The records that are missing, because the capture's room was used up.
  public var lost: UInt64 { lostByLink.reduce(0, +) }

  /// The records in the capture by link.
  var countByLink: [UInt64] {
    var counts = [UInt64](repeating: 0, count: settings.interfaces.count)
    forEachBlock(until: used) { offset in counts[link(at: offset)] += 1 }
    return counts
  }

  func forEachBlock(until end: Int, _ body: (_ offset: Int) -> Void) {
    var offset = 0
    while offset < end {
      body(offset)
      offset += length(at: offset)
    }
  }

  func length(at offset: Int) -> Int { Int(bytes.loadLE(at: offset + 4, as: UInt32.self)) }
  func link(at offset: Int) -> Int { Int(bytes.loadLE(at: offset + 8, as: UInt32.self)) }

  /// Where the last block begins; there must be one.
  var lastOffset: Int {
    precondition(used > 0, "an empty capture has no last block")
    return used - Int(bytes.loadLE(at: used - 4, as: UInt32.self))
  }
}

// Room.
extension LinkCapture {
  /// Sees that there is room for so many bytes behind the last block.
  @inline(__always)
  mutating func makeRoom(_ count: Int) {
    if bytes.count - used < count { extend(count) }
  }

  /// Doubles the buffer up to its limit; then the older half of the records gives way.
  @inline(never)
  private mutating func extend(_ count: Int) {
    while bytes.count - used < count {
      if bytes.count < settings.bytesMax {
        var larger = [UInt8](repeating: 0, count: min(bytes.count * 2, settings.bytesMax))
        copyBytes(from: bytes, at: 0, to: &larger, at: 0, count: used)
        bytes = larger
      } else {
        dropOlderHalf()
      }
    }
  }

  private mutating func dropOlderHalf() {
    var cut = 0
    while cut < used / 2 {
      lostByLink[link(at: cut)] += 1
      cut += length(at: cut)
    }
    moveBytes(in: &bytes, from: cut, to: 0, count: used - cut)
    used -= cut
    comments.removeAll { $0.offset < cut }
    for index in comments.indices { comments[index].offset -= cut }
  }
}
