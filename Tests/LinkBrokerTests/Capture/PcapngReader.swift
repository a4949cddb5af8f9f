/// Reads a pcapng file by the words of its specification, apart from the code that writes one.
struct PcapngReader {
  struct Option: Hashable {
    var code: UInt16
    var value: [UInt8]
    var text: String { String(decoding: value, as: UTF8.self) }
    var number: UInt64 { value.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
  }

  struct Interface {
    var linkType: UInt16
    var snapLength: UInt32
    var options: [Option]
    func text(_ code: UInt16) -> String? { options.first { $0.code == code }?.text }
  }

  /// An enhanced packet block.
  struct Record {
    var interface: Int
    var time: UInt64
    var original: Int
    var bytes: [UInt8]
    var options: [Option]
    var comments: [String] { options.filter { $0.code == 1 }.map(\.text) }
    var flags: UInt64? { options.first { $0.code == 2 }?.number }
    var isUpstream: Bool { bytes[0] & 0x80 != 0 }
    var layer: UInt8 { bytes[0] >> 4 & 7 }
    var marks: UInt8 { bytes[1] }
    /// What stands behind the pseudo-header.
    var wire: [UInt8] { Array(bytes.dropFirst(2)) }
  }

  struct Statistics {
    var interface: Int
    var options: [Option]
    func number(_ code: UInt16) -> UInt64? { options.first { $0.code == code }?.number }
  }

  struct Wrong: Error { var text: String }

  var section: [Option] = []
  var interfaces: [Interface] = []
  var records: [Record] = []
  var statistics: [Statistics] = []

  private let file: [UInt8]

  init(_ file: [UInt8]) throws {
    self.file = file
    var offset = 0
    while offset < file.count {
      let length = try Int(number(offset + 4, 4))
      guard length >= 12, length % 4 == 0, offset + length <= file.count else {
        throw Wrong(text: "block of \(length) bytes at \(offset)")
      }
      guard try Int(number(offset + length - 4, 4)) == length else {
        throw Wrong(text: "the two lengths of the block at \(offset) differ")
      }
      try block(type: number(offset, 4), offset + 8, offset + length - 4)
      offset += length
    }
  }

  private mutating func block(type: UInt64, _ start: Int, _ end: Int) throws {
    switch type {
    case 0x0a0d_0d0a:
      guard start == 8, try number(start, 4) == 0x1a2b_3c4d, try number(start + 4, 4) == 1 else {
        throw Wrong(text: "no section header of version 1.0 at the start")
      }
      section = try options(start + 16, end)
    case 1:
      interfaces.append(
        Interface(
          linkType: UInt16(try number(start, 2)), snapLength: UInt32(try number(start + 4, 4)),
          options: try options(start + 8, end)))
    case 5:
      statistics.append(
        Statistics(interface: Int(try number(start, 4)), options: try options(start + 12, end)))
    case 6:
      let captured = Int(try number(start + 12, 4))
      guard captured >= 2, start + 20 + captured <= end else { throw Wrong(text: "record at \(start)") }
      let padded = (captured + 3) / 4 * 4
      guard file[start + 20 + captured..<start + 20 + padded].allSatisfy({ $0 == 0 }) else {
        throw Wrong(text: "padding at \(start) is not zero")
      }
      let record = Record(
        interface: Int(try number(start, 4)), time: try number(start + 4, 4) << 32 | number(start + 8, 4),
        original: Int(try number(start + 16, 4)), bytes: Array(file[start + 20..<start + 20 + captured]),
        options: try options(start + 20 + padded, end))
      guard interfaces.indices.contains(record.interface) else { throw Wrong(text: "no such interface") }
      records.append(record)
    default: throw Wrong(text: "block of type \(type)")
    }
  }

  private func options(_ start: Int, _ end: Int) throws -> [Option] {
    var found: [Option] = []
    var offset = start
    while offset < end {
      let (code, length) = (UInt16(try number(offset, 2)), Int(try number(offset + 2, 2)))
      if code == 0 {
        guard length == 0, offset + 4 == end else { throw Wrong(text: "options go on behind their end") }
        return found
      }
      guard offset + 4 + length <= end else { throw Wrong(text: "option of \(length) bytes at \(offset)") }
      found.append(Option(code: code, value: Array(file[offset + 4..<offset + 4 + length])))
      offset += 4 + (length + 3) / 4 * 4
    }
    guard found.isEmpty else { throw Wrong(text: "options without an end") }
    return found
  }

  private func number(_ offset: Int, _ count: Int) throws -> UInt64 {
    guard offset + count <= file.count else { throw Wrong(text: "the file ends at \(file.count)") }
    return file[offset..<offset + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
