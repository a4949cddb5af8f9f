/// Finds the known name that a misspelt one most likely means.
public enum NearName {
  /// The nearest candidate within a third of its length; the first of equals.
  ///
  /// - Complexity: O(candidates · length²); a name of more than 256 bytes has no neighbour.
  public static func find(_ name: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(name.utf8)
    guard !wanted.isEmpty, wanted.count <= 256 else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      let other = Array(candidate.utf8)
      let limit = max(1, max(wanted.count, other.count) / 3)
      guard other.count <= 256, abs(other.count - wanted.count) <= limit else { continue }
      let distance = distance(wanted, other)
      if distance <= limit && distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
  }

  /// Insertions, deletions and replacements that turn one text into the other.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var last = Array(0...right.count)
    for (row, byte) in left.enumerated() {
      var current = [row + 1]
      current.reserveCapacity(last.count)
      for (column, other) in right.enumerated() {
        current.append(min(last[column + 1] + 1, current[column] + 1, last[column] + (byte == other ? 0 : 1)))
      }
      last = current
    }
    return last[right.count]
  }
}
