import Simulation

/// Sizes of the completions of one read, drawn from a range and ended at read completion boundaries.
///
/// - Complexity: a piece costs one number of the generator; nothing allocates.
/// - Source: PCI Express Base 5.0, 2.3.1.1 "Data Return for Read Requests".
public struct CompletionCut: Sendable {
  private let sizes: ClosedRange<Int>
  private let boundary: UInt64
  private var generator: SeededGenerator

  /// - Units: `sizes` in bytes; `boundary` is 64 or 128 bytes for a root complex and 128 for others.
  public init(_ sizes: ClosedRange<Int>, seed: UInt64, boundary: UInt64) {
    precondition(boundary.nonzeroBitCount == 1, "a boundary is a power of two")
    self.sizes = sizes
    self.boundary = boundary
    generator = SeededGenerator(seed: seed)
  }

  /// The bytes of the completion that starts at an address.
  ///
  /// It reaches at least the next boundary, and is no longer than the limit allows.
  public mutating func next(address: UInt64, remaining: Int, maxPayloadBytes: Int) -> Int {
    let lead = Int(address & 3)
    let span = UInt64(sizes.upperBound - sizes.lowerBound) + 1
    let wanted = sizes.lowerBound + Int(truncatingIfNeeded: generator.below(span))
    if remaining <= wanted, lead + remaining <= maxPayloadBytes { return remaining }
    let toNext = Int(boundary - address & (boundary - 1))
    let limit = bytes(from: address, reaching: maxPayloadBytes - lead)
    return min(remaining, max(toNext, min(bytes(from: address, reaching: wanted), limit)))
  }

  /// The bytes up to the last boundary within reach, negative where there is none.
  private func bytes(from address: UInt64, reaching count: Int) -> Int {
    count - Int(truncatingIfNeeded: (address &+ UInt64(count)) & (boundary - 1))
  }
}
