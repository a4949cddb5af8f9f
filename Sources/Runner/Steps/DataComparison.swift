/// Compares bytes that were read with those expected, and says where they differ.
enum DataComparison {
  /// Nil when all bytes that the mask selects are equal.
  static func failure(expected: [UInt8], seen: [UInt8], mask: [UInt8]?) -> StepFailure? {
    guard expected.count == seen.count else {
      return .expectation(
        "expected \(expected.count) bytes of data, got \(seen.count)", subject: "length of data")
    }
    if mask == nil, expected == seen { return nil }
    let differing = expected.indices.filter { index in
      let bits = mask.map { index < $0.count ? $0[index] : 0xff } ?? 0xff
      return (expected[index] ^ seen[index]) & bits != 0
    }
    guard let first = differing.first else { return nil }
    let place = "0x" + String(first, radix: 16)
    let share =
      differing.count == 1 ? "1 byte differs" : "\(differing.count) of \(expected.count) bytes differ"
    let message =
      "expected byte \(place) to be \(hex(expected[first])), got \(hex(seen[first])); \(share)"
    let start = first & ~15
    let end = min(start + 16, expected.count)
    let from = "from 0x\(String(start, radix: 16))"
    let indent = String(repeating: " ", count: from.count)
    return .expectation(
      message,
      facts: [
        "\(from)  expected  \(row(expected[start..<end]))",
        "\(indent)  got       \(row(seen[start..<end]))",
      ], subject: "data")
  }

  static func row(_ bytes: ArraySlice<UInt8>) -> String { bytes.map(hex).joined(separator: " ") }

  static func hex(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16)
    return text.count == 1 ? "0" + text : text
  }
}
