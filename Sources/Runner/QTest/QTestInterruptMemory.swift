import Endpoints
import PCIe

/// Where interrupts arrive at a machine without a processor: words of its memory, to which messages are
/// written, and the inputs of its interrupt controller.
///
/// - Layout: a word of four bytes for each vector of MSI-X and each function with MSI, from `start`; zero
///   until a message comes. Two that come to a word between two looks are one.
struct QTestInterruptMemory {
  /// In the middle of conventional memory, which suites leave alone.
  static let start: UInt64 = 0x8_0000

  private struct Word {
    var function: FunctionAddress
    var kind: InterruptTarget.Kind
    /// The vector of MSI-X, 0 for MSI.
    var vector: Int
    var vectors: Int
  }

  private struct Arrival: Hashable {
    var function: FunctionAddress
    var kind: InterruptTarget.Kind
    var vector: Int
  }

  private var words: [Word] = []
  /// Arrivals that nobody has waited for yet.
  private var unclaimed: [Arrival: Int] = [:]
  private var raised: [Int: Int] = [:]

  /// The value of the first vector's message: of no use as anything else, and with room for 32 vectors.
  private static let firstValue: UInt32 = 0x8000

  /// - Units: bytes; at least one word, so that there is something to look at.
  var byteCount: Int { max(1, words.count) * 4 }

  /// Gives a function's vectors their words; a function that had some keeps them.
  mutating func messages(
    for function: FunctionAddress, _ kind: InterruptTarget.Kind, vectors: Int
  ) -> [InterruptMessage] {
    let known = words.firstIndex { $0.function == function && $0.kind == kind }
    let first = known ?? words.count
    if known == nil {
      if kind == .msi {
        words.append(Word(function: function, kind: kind, vector: 0, vectors: vectors))
      } else {
        for vector in 0..<vectors {
          words.append(Word(function: function, kind: kind, vector: vector, vectors: 1))
        }
      }
    }
    return (0..<vectors).map { vector in
      let word = kind == .msi ? first : first + vector
      return InterruptMessage(
        address: Self.start + UInt64(4 * word), data: Self.firstValue + UInt32(kind == .msi ? vector : 0))
    }
  }

  /// Takes what a look has found.
  ///
  /// - Returns: the addresses of the words that are to be zero again.
  mutating func take(_ bytes: [UInt8]) -> [UInt64] {
    var used: [UInt64] = []
    for (index, word) in words.enumerated() where bytes.count >= index * 4 + 4 {
      let value = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[index * 4 + $1]) << UInt32(8 * $1) }
      guard value >= Self.firstValue, value < Self.firstValue + UInt32(word.vectors) else { continue }
      let vector = word.kind == .msi ? Int(value - Self.firstValue) : word.vector
      unclaimed[Arrival(function: word.function, kind: word.kind, vector: vector), default: 0] += 1
      used.append(Self.start + UInt64(4 * index))
    }
    return used
  }

  mutating func raise(_ input: Int) { raised[input, default: 0] += 1 }

  mutating func claim(_ kind: InterruptTarget.Kind, vector: Int, from function: FunctionAddress?) -> Bool {
    let found = unclaimed.first { arrival, count in
      count > 0 && arrival.kind == kind && arrival.vector == vector
        && (function == nil || function == arrival.function)
    }
    guard let found else { return false }
    unclaimed[found.key] = found.value - 1
    return true
  }

  /// The input that a wire of a device of bus 0 goes to.
  ///
  /// - Source: QEMU, `hw/isa/lpc_ich9.c`, `ich9_cc_init`: the four inputs 20 to 23 in turn.
  static func input(ofWire wire: Int, device: UInt8) -> Int { 20 + (Int(device) + wire) % 4 }

  mutating func claimWire(_ wire: Int, ofDevice device: UInt8?) -> Bool {
    let inputs = device.map { [Self.input(ofWire: wire, device: $0)] } ?? Array(20...23)
    guard let input = inputs.first(where: { raised[$0, default: 0] > 0 }) else { return false }
    raised[input, default: 0] -= 1
    return true
  }
}
