import Simulation
import Testing

@Suite("Seeded chance")
struct ChanceTests {
  @Test("the stream of a seed is the published one of SplitMix64")
  func published() {
    var generator = SeededGenerator(seed: 1_234_567)
    #expect(generator.next() == 6_457_827_717_110_365_317)
    #expect(generator.next() == 3_203_168_211_198_807_973)
  }

  @Test("bytes are the numbers of the stream, lowest byte first")
  func bytes() {
    var one = SeededGenerator(seed: 7)
    var two = SeededGenerator(seed: 7)
    let bytes = one.bytes(11)
    #expect(bytes.count == 11)
    let word = two.next()
    #expect(bytes[0] == UInt8(truncatingIfNeeded: word))
    #expect(bytes[7] == UInt8(truncatingIfNeeded: word >> 56))
    #expect(bytes[8] == UInt8(truncatingIfNeeded: two.next()))
  }

  @Test("seeds of parts depend on every name and on where one name ends")
  func seeds() {
    let whole = FixedHash.seed(1, "ab", "c")
    #expect(whole == FixedHash.seed(1, "ab", "c"))
    #expect(whole != FixedHash.seed(1, "a", "bc"))
    #expect(whole != FixedHash.seed(2, "ab", "c"))
  }

  @Test("a number below a bound is below it, and every one of them comes up")
  func below() {
    var generator = SeededGenerator(seed: 3)
    var seen = Set<UInt64>()
    for _ in 0..<500 {
      let value = generator.below(10)
      #expect(value < 10)
      seen.insert(value)
    }
    #expect(seen.count == 10)
  }
}
