@testable import Nodes

/// Any bytes give lines without control characters, the same ones however the bytes are cut, and a pattern is
/// claimed when and only when a line shows it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConsoleReading(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let bytes = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
  let size = Int(start[0] & 0x3f) + 1
  var whole = Console()
  whole.append(bytes, at: .now)
  var pieces = Console()
  var claimed = patterns.map { _ in 0 }
  for begin in stride(from: 0, to: bytes.count, by: size) {
    pieces.append(Array(bytes[begin..<min(begin + size, bytes.count)]), at: .now)
    for (index, pattern) in patterns.enumerated() where pieces.claim(pattern) { claimed[index] += 1 }
  }
  let lines = whole.last(.max).map(\.text)
  guard pieces.last(.max).map(\.text) == lines else { fatalError("lines change with their pieces") }
  for line in lines where line.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\t" }) {
    fatalError("a line holds a control character")
  }
  for (index, pattern) in patterns.enumerated() {
    let holds = whole.holds(pattern)
    guard whole.claim(pattern) == holds else { fatalError("a claim and a look differ") }
    while pieces.claim(pattern) { claimed[index] += 1 }
    guard claimed[index] > 0 || !holds, claimed[index] <= bytes.count else {
      fatalError("a pattern is claimed \(claimed[index]) times, and the console holds it: \(holds)")
    }
  }
  return 0
}

private let patterns = ["ab", "a+b", "^a", "b$", "a.*b|c", "(?i)AB"].map(ConsolePattern.init)
