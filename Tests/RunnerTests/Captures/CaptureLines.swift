/// The records of a pcapng file as lines, read by the words of its specification.
enum CaptureLines {
  struct Record {
    var link: Int
    var nanoseconds: Int
    var bytes: [UInt8]
    var comments: [String]

    var isUpstream: Bool { bytes[0] & 0x80 != 0 }
    var marks: UInt8 { bytes[1] }

    /// `52 l0 up 00 4a000010…: comment; comment`, at most the header of three double words.
    var line: String {
      let header = bytes.dropFirst(2).prefix(12).map { hexadecimal($0) }.joined()
      let words = comments.isEmpty ? "" : ": " + comments.joined(separator: "; ")
      return "\(nanoseconds) l\(link) \(isUpstream ? "up" : "down") \(hexadecimal(marks)) \(header)\(words)"
    }
  }

  static func records(_ file: [UInt8]) -> [Record] {
    var records: [Record] = []
    var offset = 0
    while offset + 12 <= file.count {
      let length = number(file, offset + 4, 4)
      guard length >= 12, offset + length <= file.count else { return records }
      if number(file, offset, 4) == 6 {
        let captured = number(file, offset + 20, 4)
        records.append(
          Record(
            link: number(file, offset + 8, 4),
            nanoseconds: number(file, offset + 12, 4) << 32 | number(file, offset + 16, 4),
            bytes: Array(file[offset + 28..<offset + 28 + captured]),
            comments: comments(file, offset + 28 + (captured + 3) / 4 * 4, offset + length - 4)))
      }
      offset += length
    }
    return records
  }

  /// The comment of the section header, and the names of the interfaces.
  static func names(_ file: [UInt8]) -> [String] {
    var names: [String] = []
    var offset = 0
    while offset + 12 <= file.count {
      let length = number(file, offset + 4, 4)
      guard length >= 12, offset + length <= file.count else { return names }
      let type = number(file, offset, 4)
      if type == 0x0a0d_0d0a { names += options(file, offset + 24, offset + length - 4).map(\.text) }
      if type == 1 { names += options(file, offset + 16, offset + length - 4).prefix(2).map(\.text) }
      offset += length
    }
    return names
  }

  private static func comments(_ file: [UInt8], _ start: Int, _ end: Int) -> [String] {
    options(file, start, end).filter { $0.code == 1 }.map(\.text)
  }

  private static func options(_ file: [UInt8], _ start: Int, _ end: Int) -> [(code: Int, text: String)] {
    var found: [(code: Int, text: String)] = []
    var offset = start
    while offset + 4 <= end, number(file, offset, 2) != 0 {
      let length = number(file, offset + 2, 2)
      let text = String(decoding: file[offset + 4..<offset + 4 + length], as: UTF8.self)
      found.append((number(file, offset, 2), text))
      offset += 4 + (length + 3) / 4 * 4
    }
    return found
  }

  private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
    bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.count < 2 ? "0" + digits : digits
  }
}
