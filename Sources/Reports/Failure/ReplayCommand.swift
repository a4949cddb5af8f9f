import RunEvents

/// The command line that runs one case again in the same way.
enum ReplayCommand {
  static func text(suite: SuiteSummary, started: CaseStarted) -> String {
    let seed = Format.hexadecimal(started.seed)
    return "pcie-harness run \(quoted(suite.path)) --case \(quoted(String(started.name))) --seed \(seed)"
  }

  /// The word as a POSIX shell takes it, in quotes only when it needs them.
  static func quoted(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "_-./:=@%+,".utf8.contains(byte)
      }
    }
    if isPlain && !word.isEmpty { return word }
    return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
