/// The types a scalar can have; the key it stands under decides.
enum ScalarType: String, CaseIterable, Sendable {
  case bool, count, hex, size, duration, share, factor
  case durationRange, sizeRange
  /// An address, two with `..` between them, or a region.
  case addresses
  case version, name, text, pattern, bytes
  /// A function's place: `NODE`, `NODE.LINK` for a port, or `00:02.0`.
  case function
  /// A region of a function: `NODE.bar0`, `NODE.msix_table`, `NODE.msix_pba`, or `00:02.0.bar0`.
  case region
  /// A counter: `LINK.name` or `NODE.name`.
  case counter
  /// A field of a management command: decimal or hexadecimal.
  case integer
  /// A field of a response: a number, or the name of a status.
  case fieldValue

  /// The word that messages use.
  var title: String {
    switch self {
    case .bool: "truth value"
    case .durationRange: "duration or range"
    case .sizeRange: "size or range"
    case .fieldValue: "number or status"
    case .bytes: "bytes"
    default: rawValue
    }
  }

  /// The form, for documentation and messages.
  var form: String {
    switch self {
    case .bool: "true or false"
    case .count: "a number such as 42"
    case .hex: "a number such as 0x1f0"
    case .size: "a size such as 256B, 2KiB, 1MiB or 1GiB"
    case .duration: "a duration such as 10ns, 50us, 50ms, 10s or 2min"
    case .share: "a share such as 5%"
    case .factor: "a factor such as 2 or 1.5"
    case .durationRange: "a duration such as 20ms, or a range such as 10us..2ms"
    case .sizeRange: "a size such as 64B, or a range such as 64B..256B"
    case .addresses: "addresses such as 0x1000..0x1fff, 0x1000 or mem.bar1"
    case .version: "a version such as 10.1"
    case .name: "a name of a-z, 0-9, _ and - that begins with a letter"
    case .text: "text"
    case .pattern: "a regular expression"
    case .bytes: "bytes in hexadecimal such as b5 13 81 ff"
    case .function: "a node, a port such as rc.l0, or an address such as 00:02.0"
    case .region: "a region such as mem.bar1, mem.msix_table, mem.msix_pba or 00:02.0.bar1"
    case .counter: "a counter such as l0.mwr or mem.msix"
    case .integer: "a number such as 42 or 0x2a"
    case .fieldValue: "a number such as 42 or 0x2a, or a status such as F_OWNER_IS_INVALID"
    }
  }

  /// Checks that a text has the form.
  func check(_ text: String) throws(Message) {
    switch self {
    case .bool: _ = try Scalar.bool(text)
    case .count: _ = try Scalar.count(text)
    case .hex: _ = try Scalar.hex(text)
    case .size: _ = try Scalar.size(text)
    case .duration: _ = try Scalar.duration(text)
    case .share: _ = try Scalar.share(text)
    case .factor: _ = try Scalar.factor(text)
    case .durationRange: _ = try Scalar.durationRange(text)
    case .sizeRange: _ = try Scalar.sizeRange(text)
    case .addresses: _ = try Scalar.addresses(text)
    case .version: _ = try Scalar.version(text)
    case .name: _ = try Scalar.name(text)
    case .text: break
    case .pattern: try PatternSyntax.check(text)
    case .bytes: _ = try Scalar.bytes(text)
    case .function: _ = try Scalar.function(text)
    case .region: _ = try Scalar.region(text)
    case .counter: _ = try Scalar.dotted(text, as: self)
    case .integer: _ = try Scalar.integer(text)
    case .fieldValue: if !Scalar.isStatus(text) { _ = try Scalar.integer(text) }
    }
  }
}
