import Endpoints
import PCIe
import Testing

@testable import Runner

@Suite struct QTestInterruptMemoryTests {
  private static let first = FunctionAddress(bus: 1, device: 0, function: 0)
  private static let second = FunctionAddress(bus: 0, device: 16, function: 0)
  private var memory = QTestInterruptMemory()

  private static func bytes(_ words: [UInt32]) -> [UInt8] {
    words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
  }

  init() {
    _ = memory.messages(for: Self.first, .msix, vectors: 2)
    _ = memory.messages(for: Self.second, .msi, vectors: 4)
  }

  @Test mutating func aVectorHasAWordOfItsOwnAndMSIOneForAll() {
    let vectors = memory.messages(for: Self.first, .msix, vectors: 2)
    #expect(vectors.map(\.address) == [0x8_0000, 0x8_0004] && vectors[0].data == vectors[1].data)
    let messages = memory.messages(for: Self.second, .msi, vectors: 4)
    #expect(Set(messages.map(\.address)) == [0x8_0008])
    #expect(messages.map(\.data) == (0..<4).map { messages[0].data + $0 } && messages[0].data % 32 == 0)
    #expect(memory.byteCount == 12)
  }

  @Test mutating func whatALookFindsIsClaimedOnceEach() {
    #expect(memory.take(Self.bytes([0, 0x8000, 0x8003])) == [0x8_0004, 0x8_0008])
    #expect(memory.take(Self.bytes([0, 0x8000, 0])) == [0x8_0004])
    for _ in 0..<2 {
      let isThere = memory.claim(.msix, vector: 1, from: Self.first)
      #expect(isThere)
    }
    for (vector, source) in [(0, nil), (1, nil), (1, Self.first), (1, Self.second)]
      as [(Int, FunctionAddress?)]
    {
      let isThere = memory.claim(.msix, vector: vector, from: source)
      #expect(!isThere)
    }
    let (wrong, right) = (
      memory.claim(.msi, vector: 2, from: nil), memory.claim(.msi, vector: 3, from: Self.second)
    )
    #expect(!wrong && right)
  }

  @Test(
    arguments: [
      [], [0x8000], [1, 0x8001, 0x8004], [0x8001, 0x7fff, 0x8020], [.max, .max, .max],
    ] as [[UInt32]])
  mutating func whatIsNoMessageIsLeftAlone(words: [UInt32]) {
    let expected: [UInt64] = words == [0x8000] ? [0x8_0000] : []
    #expect(memory.take(Self.bytes(words)) == expected)
  }

  @Test mutating func wiresArriveInTurn() {
    memory.raise(21)
    memory.raise(4)
    let claims = [
      memory.claimWire(0, ofDevice: 4), memory.claimWire(0, ofDevice: 5), memory.claimWire(0, ofDevice: nil),
    ]
    #expect(claims == [false, true, false])
    memory.raise(20)
    let any = memory.claimWire(3, ofDevice: nil)
    #expect(any)
  }
}
