import Foundation
import Testing

@testable import SuiteLanguage

/// Loading is total: whatever the bytes, it ends with a plan or with an error, and never traps.
struct MutationTests {
  /// A fixed sequence of numbers, the same on every machine.
  struct Sequence {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
      return Int((mixed ^ mixed >> 31) % UInt64(bound))
    }
  }

  static let pieces = [
    "$length", "0xffffffffffffffff", "18446744073709551615GiB", "&a ", "*a", "{", "}", "[", "]", ": ", "- ",
    "\n",
    "\t", "|", ">", "<<: ", "'", "\"", "% ", "99999999999999999999", "99%", "1ns..2min", "mem.bar5", "rc",
    "l0", "\u{0}",
    "\u{fe}", "é", "---\n", "bar5", "0B", "4096", "00:02.0", "''",
  ].map { Array($0.utf8) }

  @Test(arguments: Example.suites)
  func mutatedSuitesNeverTrap(name: String) throws {
    let original = Array(try Example.text(name).utf8)
    var chance = Sequence(state: 0x5eed)
    for _ in 0..<100 {
      var bytes = original
      for _ in 0...chance.next(below: 4) { Self.mutate(&bytes, &chance) }
      let result = SuiteLoader.load(path: "s.yaml", bytes: bytes)
      #expect((result.plan == nil) == result.diagnostics.contains { $0.severity == .error })
      for diagnostic in result.diagnostics {
        #expect(!diagnostic.text(in: result.source).isEmpty)
        #expect(!diagnostic.json.contains("\n"))
      }
    }
  }

  @Test func mutatedBoardsNeverTrap() throws {
    let file = Example.root.appending(path: "Boards/qemu_x86_64.yaml")
    let original = Array(try String(contentsOf: file, encoding: .utf8).utf8)
    var chance = Sequence(state: 0x5eed)
    for _ in 0..<300 {
      var bytes = original
      for _ in 0...chance.next(below: 4) { Self.mutate(&bytes, &chance) }
      let result = BoardLoader.load(path: "b.yaml", bytes: bytes)
      #expect((result.board == nil) == !result.diagnostics.isEmpty)
    }
  }

  private static func mutate(_ bytes: inout [UInt8], _ chance: inout Sequence) {
    guard !bytes.isEmpty else { return bytes.append(UInt8(chance.next(below: 256))) }
    let place = chance.next(below: bytes.count)
    switch chance.next(below: 6) {
    case 0: bytes[place] = UInt8(chance.next(below: 256))
    case 1: bytes.remove(at: place)
    case 2: bytes.insert(contentsOf: pieces[chance.next(below: pieces.count)], at: place)
    case 3:
      let end = min(bytes.count, place + chance.next(below: 40))
      bytes.replaceSubrange(place..<end, with: pieces[chance.next(below: pieces.count)])
    case 4:
      let end = min(bytes.count, place + chance.next(below: 200))
      bytes.insert(contentsOf: bytes[place..<end], at: chance.next(below: bytes.count))
    default: bytes.removeSubrange(place..<min(bytes.count, place + chance.next(below: 80)))
    }
  }
}
