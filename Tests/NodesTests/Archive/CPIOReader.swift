/// Reads an archive back, by the words of the format and without the writer's code.
struct CPIOReader {
  struct Entry: Equatable {
    var path: String
    var mode: Int
    var content: [UInt8] = []
    var device = [0, 0]
  }

  enum Refusal: Error { case magic, field, length, name }

  private let bytes: [UInt8]
  private var place = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// All entries before the last one, after which nothing may come.
  static func read(_ bytes: [UInt8]) throws -> [Entry] {
    var reader = CPIOReader(bytes)
    var entries: [Entry] = []
    while true {
      let entry = try reader.next()
      if entry.path == "TRAILER!!!" { break }
      entries.append(entry)
    }
    guard reader.place == bytes.count else { throw Refusal.length }
    return entries
  }

  private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard bytes.count - place >= count else { throw Refusal.length }
    defer { place += count }
    return bytes[place..<place + count]
  }

  private mutating func field() throws -> Int {
    guard let value = Int(String(decoding: try take(8), as: UTF8.self), radix: 16) else {
      throw Refusal.field
    }
    return value
  }

  private mutating func skipPadding() throws { _ = try take((4 - place % 4) % 4) }

  private mutating func next() throws -> Entry {
    guard try take(6).elementsEqual("070701".utf8) else { throw Refusal.magic }
    let fields = try (0..<13).map { _ in try field() }
    let name = try take(fields[11])
    guard name.last == 0 else { throw Refusal.name }
    try skipPadding()
    let content = Array(try take(fields[6]))
    try skipPadding()
    return Entry(
      path: String(decoding: name.dropLast(), as: UTF8.self), mode: fields[1], content: content,
      device: [fields[9], fields[10]])
  }
}
