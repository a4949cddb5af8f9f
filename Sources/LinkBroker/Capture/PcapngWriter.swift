import PCIe
import Simulation

/// Writes the blocks of a pcapng file that are not on the fast path.
///
/// - Source: draft-ietf-opsawg-pcapng, 4.1 "Section Header Block", 4.2 "Interface Description Block" and
///   4.6 "Interface Statistics Block".
struct PcapngWriter {
  var bytes: [UInt8] = []

  /// Link types from 147 on are for private use.
  ///
  /// - Source: tcpdump.org, "Link-layer header types", LINKTYPE_USER0.
  private static let linkTypeUser0: UInt16 = 147
  /// Times are nanoseconds: ten to the power of minus nine.
  private static let nanoseconds: UInt8 = 9

  private enum BlockType: UInt32 {
    case sectionHeader = 0x0a0d_0d0a
    case interface = 1
    case statistics = 5
  }

  /// Codes of options; each kind of block has its own but for the first two.
  private enum OptionCode: UInt16 {
    case end = 0
    case comment = 1
    case interfaceName = 2
    case interfaceDescription = 3
    case sectionApplication = 4
    case statisticsLost = 5
    case timeResolution = 9
  }

  mutating func sectionHeader(_ settings: CaptureSettings) {
    block(.sectionHeader) { writer in
      writer.add(0x1a2b_3c4d as UInt32)
      writer.add(1 as UInt16)
      writer.add(0 as UInt16)
      // The length of the section is not given.
      writer.add(UInt64.max)
      if !settings.text.isEmpty { writer.option(.comment, settings.text) }
      if !settings.application.isEmpty { writer.option(.sectionApplication, settings.application) }
      writer.endOptions()
    }
  }

  mutating func interface(_ interface: CaptureSettings.Interface, snapLength: Int) {
    block(.interface) { writer in
      writer.add(Self.linkTypeUser0)
      writer.add(0 as UInt16)
      writer.add(UInt32(truncatingIfNeeded: snapLength))
      writer.option(.interfaceName, interface.name)
      writer.option(.interfaceDescription, interface.text)
      writer.option(.timeResolution, [Self.nanoseconds])
      writer.endOptions()
    }
  }

  /// What a link has received and lost, from zero to the end of the capture.
  mutating func statistics(link: Int, end: VirtualDuration, received: UInt64, lost: UInt64) {
    let time = end.picoseconds / 1000
    block(.statistics) { writer in
      writer.add(UInt32(truncatingIfNeeded: link))
      writer.add(time: time)
      // isb_starttime, isb_endtime, isb_ifrecv and isb_ifdrop have the codes 2 to 5.
      for (code, first) in [(2 as UInt16, 0 as UInt64), (3, time)] {
        writer.add(code)
        writer.add(8 as UInt16)
        writer.add(time: first)
      }
      for (code, count) in [(4 as UInt16, received), (OptionCode.statisticsLost.rawValue, lost)] {
        writer.add(code)
        writer.add(8 as UInt16)
        writer.add(count)
      }
      writer.endOptions()
    }
  }

  /// Appends a block of the capture with comments before the end of its options.
  mutating func commented(_ block: ArraySlice<UInt8>, _ comments: [String]) {
    let start = bytes.count
    bytes += block.dropLast(8)
    for comment in comments { option(.comment, comment) }
    endOptions()
    add(0 as UInt32)
    let length = UInt32(truncatingIfNeeded: bytes.count - start)
    bytes.storeLE(length, at: start + 4)
    bytes.storeLE(length, at: bytes.count - 4)
  }

  private mutating func block(_ type: BlockType, _ body: (inout PcapngWriter) -> Void) {
    let start = bytes.count
    add(type.rawValue)
    add(0 as UInt32)
    body(&self)
    add(0 as UInt32)
    let length = UInt32(truncatingIfNeeded: bytes.count - start)
    bytes.storeLE(length, at: start + 4)
    bytes.storeLE(length, at: bytes.count - 4)
  }

  private mutating func option(_ code: OptionCode, _ text: String) { option(code, Array(text.utf8)) }

  /// Appends an option; what is longer than an option may be is cut.
  private mutating func option(_ code: OptionCode, _ value: [UInt8]) {
    let value = value.prefix(Int(UInt16.max) & ~3)
    add(code.rawValue)
    add(UInt16(value.count))
    bytes += value
    bytes += repeatElement(0, count: -value.count & 3)
  }

  private mutating func endOptions() { add(UInt32(OptionCode.end.rawValue)) }

  /// A time stands with its upper half first.
  private mutating func add(time: UInt64) {
    add(UInt32(truncatingIfNeeded: time >> 32))
    add(UInt32(truncatingIfNeeded: time))
  }

  private mutating func add<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
    let place = bytes.count
    bytes += repeatElement(0, count: T.bitWidth / 8)
    bytes.storeLE(value, at: place)
  }
}
