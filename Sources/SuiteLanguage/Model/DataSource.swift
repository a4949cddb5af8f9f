/// Where the bytes of a write or of an expectation come from.
public enum DataSource: Hashable, Sendable {
  case bytes([UInt8])
  /// One byte, repeated.
  case fill(UInt8, length: UInt64)
  /// Bytes that count up by one and wrap.
  case count(length: UInt64, start: UInt8)
  /// Bytes drawn from the case's seed.
  case random(length: UInt64)
  /// The content of a file, a path relative to the suite.
  case file(path: String)
  /// What an earlier write of that name sent.
  case saved(String)
  /// What an earlier write of that name sent, each bit inverted.
  case inverted(String)

  /// The number of bytes where the source alone tells it; nil for files and saved data.
  public var length: UInt64? {
    switch self {
    case .bytes(let bytes): UInt64(bytes.count)
    case .fill(_, let length), .count(let length, _), .random(let length): length
    case .file, .saved, .inverted: nil
    }
  }
}
