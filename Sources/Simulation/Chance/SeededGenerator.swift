/// A stream of numbers that a seed decides: the only source of chance below the runner.
///
/// - Source: SplitMix64, Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Self.mix(state)
  }

  /// Fills bytes with the stream, eight of each number, the lowest first.
  public mutating func bytes(_ count: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count + 7)
    while result.count < count {
      let word = next()
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        result.append(UInt8(truncatingIfNeeded: word >> shift))
      }
    }
    result.removeLast(result.count - count)
    return result
  }

  /// A number below a bound, by a method that no release of the standard library can change.
  public mutating func below(_ bound: UInt64) -> UInt64 {
    precondition(bound > 0, "a bound of zero has no number below it")
    return next().multipliedFullWidth(by: bound).high
  }

  static func mix(_ value: UInt64) -> UInt64 {
    var bits = value
    bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
    return bits ^ bits >> 31
  }
}
