import Glibc
import PCIe
import Testing

@testable import Transports

@Suite struct VfioUserReaderTests {
  private static func bytes(_ messages: [VfioUserMessage]) -> [UInt8] {
    var output = VfioUserOutput()
    for message in messages { output.put(message) }
    return Array(output.next.bytes)
  }

  private static let three = [
    VfioUserMessage.command(.deviceInfo, id: 1, [1, 2, 3]),
    .command(.reset, id: 2), .command(.regionRead, id: 0xffff, Array(repeating: 7, count: 100)),
  ]

  @Test(arguments: 1...40)
  func messagesComeInPiecesOfAnySize(size: Int) throws {
    var reader = VfioUserReader()
    var seen: [VfioUserMessage] = []
    let bytes = Self.bytes(Self.three)
    for start in stride(from: 0, to: bytes.count, by: size) {
      try reader.append(Array(bytes[start..<min(start + size, bytes.count)]), [])
      while let message = try reader.next() { seen.append(message) }
    }
    #expect(seen.map(\.header) == Self.three.map(\.header))
    #expect(seen.map(\.payload) == Self.three.map(\.payload))
    #expect(reader.pendingBytes == 0)
  }

  @Test(arguments: 0...2)
  func descriptorsBelongToTheLastMessageThatBegins(count: Int) throws {
    var reader = VfioUserReader()
    let event = try PassedDescriptor.event()
    let bytes = Self.bytes(Array(Self.three[...count]))
    // All of it, or only its beginning.
    for end in [bytes.count, bytes.count - Self.three[count].header.bytes + 1] {
      reader = VfioUserReader()
      try reader.append(Array(bytes[..<end]), [event])
      try reader.append(Array(bytes[end...]), [])
      for index in 0...count {
        let message = try #require(try reader.next())
        #expect(message.descriptors.count == (index == count ? 1 : 0))
      }
    }
  }

  @Test func descriptorsInTheMiddleOfAMessageEndTheStream() throws {
    var reader = VfioUserReader()
    let bytes = Self.bytes([Self.three[2]])
    try reader.append(Array(bytes[..<20]), [])
    let event = try PassedDescriptor.event()
    #expect(throws: VfioUserStreamError.strayDescriptors) { try reader.append(Array(bytes[20...]), [event]) }
  }

  @Test(arguments: [
    (UInt32(0), UInt32(0), VfioUserStreamError.shortMessage(bytes: 0)), (15, 0, .shortMessage(bytes: 15)),
    (.max, 0, .longMessage(bytes: Int(UInt32.max))), (16, 2, .unknownType(2)), (16, 15, .unknownType(15)),
    (1_052_673, 0, .longMessage(bytes: 1_052_673)),
  ])
  func whatCannotBeCutEndsTheStream(size: UInt32, flags: UInt32, error: VfioUserStreamError) throws {
    var bytes: [UInt8] = [1, 0, 4, 0]
    bytes.add(size)
    bytes.add(flags)
    bytes.add(UInt32(0))
    var reader = VfioUserReader()
    try reader.append(bytes, [])
    #expect(throws: error) { try reader.next() }
  }

  @Test func outputPutsDescriptorsAtTheBeginningOfAPiece() throws {
    var output = VfioUserOutput()
    output.put(.command(.reset, id: 1))
    output.put(.command(.mapMemory, id: 2, [1], passing: [try .event()]))
    output.put(.command(.reset, id: 3))
    #expect(output.next.bytes.count == 16 && output.next.descriptors.isEmpty)
    output.removeFirst(10)
    #expect(output.next.bytes.count == 6)
    output.removeFirst(6)
    #expect(output.next.bytes.count == 17 && output.next.descriptors.count == 1)
    // The descriptor goes with the first byte.
    output.removeFirst(1)
    #expect(output.next.bytes.count == 32 && output.next.descriptors.isEmpty)
    output.removeFirst(32)
    #expect(output.isEmpty)
  }

  @Test func socketsCarryDescriptorsWithTheirMessages() throws {
    var ends: [CInt] = [-1, -1]
    #expect(unsafe socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
    let one = StreamSocket(owning: ends[0])
    let two = StreamSocket(owning: ends[1])
    var output = VfioUserOutput()
    output.put(Self.three[0])
    output.put(.command(.setInterrupts, id: 9, [5], passing: [try .event(), try .event()]))
    output.put(Self.three[1])
    guard case .moved = output.write(to: one) else { throw WriteFailed() }
    var reader = VfioUserReader()
    var seen: [(id: UInt16, count: Int)] = []
    while seen.count < 3, case (.bytes(let bytes), let descriptors) = two.readPassing() {
      try reader.append(bytes, descriptors)
      while let message = try reader.next() {
        let areEvents = message.descriptors.allSatisfy(\.isEvent)
        #expect(areEvents)
        seen.append((message.header.id, message.descriptors.count))
      }
    }
    #expect(seen.map(\.id) == [1, 9, 2] && seen.map(\.count) == [0, 2, 0])
  }

  private struct WriteFailed: Error {}
}
