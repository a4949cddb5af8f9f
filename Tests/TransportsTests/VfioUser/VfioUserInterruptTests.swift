import Glibc
import Testing

@testable import Transports

@Suite struct VfioUserInterruptTests {
  private var interrupts = VfioUserInterrupts(counts: [1, 4, 8, 1, 1])

  private mutating func set(
    _ index: Int, _ flags: UInt32, start: Int = 0, count: Int, _ events: [PassedDescriptor] = [],
    data: [UInt8] = []
  ) throws {
    let payload = VfioUserClient.words(20, flags, UInt32(index), UInt32(start), UInt32(count)) + data
    _ = try interrupts.set(payload, events)
  }

  private func events(_ count: Int) throws -> [PassedDescriptor] { try (0..<count).map { _ in try .event() } }

  /// As QEMU does it when its guest unmasks one vector after the other: 17 messages for 8.
  @Test mutating func vectorsComeOneByOne() throws {
    let events = try events(8)
    try set(2, 0x24, count: 1)
    #expect(interrupts.count(.msix) == 1 && !interrupts.raise(0, of: .msix))
    for vector in 0..<8 {
      try set(2, 0x21, count: 0)
      #expect(interrupts.count(.msix) == 0)
      try set(2, 0x24, count: vector + 1, Array(events[...vector]))
    }
    for vector in 0..<8 { #expect(interrupts.raise(vector, of: .msix)) }
    #expect(!interrupts.raise(8, of: .msix) && !interrupts.raise(0, of: .msi))
    #expect(events.map { $0.take() } == Array(repeating: 1, count: 8))
    try set(2, 0x24, start: 3, count: 1)
    #expect(!interrupts.raise(3, of: .msix) && interrupts.raise(4, of: .msix))
    try set(2, 0x21, count: 0)
    #expect(!interrupts.raise(4, of: .msix))
  }

  /// The line masks itself, and is told again at the EOI as long as it is held.
  @Test mutating func theLineIsToldAgainAtItsEOI() throws {
    let event = try PassedDescriptor.event()
    interrupts.setLine(true)
    try set(0, 0x24, count: 1, [event])
    #expect(event.take() == 1)
    interrupts.setLine(true)
    #expect(event.take() == 0)
    try set(0, 0x11, count: 1)
    #expect(event.take() == 1)
    interrupts.setLine(false)
    try set(0, 0x11, count: 1)
    #expect(event.take() == 0)
    try set(0, 0x09, count: 1)
    interrupts.setLine(true)
    #expect(event.take() == 0)
    let unmasking = try PassedDescriptor.event()
    try set(0, 0x14, count: 1, [unmasking])
    interrupts.lookForUnmasking()
    #expect(event.take() == 0)
    unmasking.raise()
    interrupts.lookForUnmasking()
    #expect(event.take() == 1)
    try set(0, 0x21, count: 0)
    #expect(interrupts.unmasking == nil)
  }

  @Test mutating func hostsMayRaiseVectorsThemselves() throws {
    let events = try events(4)
    try set(1, 0x24, count: 4, events)
    try set(1, 0x21, start: 1, count: 2)
    try set(1, 0x22, start: 0, count: 4, data: [1, 0, 0, 1])
    #expect(events.map { $0.take() } == [1, 1, 1, 1])
  }

  @Test(arguments: [
    (5, 0x24, 0, 1, 0, 0), (2, 0x24, 0, 9, 0, 0), (2, 0x24, 8, 1, 0, 0), (2, 0x24, 0, 2, 1, 0),
    (2, 0x24, 0, 1, 2, 0), (2, 0x20, 0, 1, 0, 0), (2, 0x27, 0, 1, 0, 0), (2, 0x09, 0, 1, 0, 0),
    (2, 0x11, 0, 1, 0, 0), (2, 0x22, 0, 4, 0, 3), (2, 0x21, 0, 1, 1, 0), (0, 0x38, 0, 1, 0, 0),
    (0, 0x0c, 0, 1, 1, 0), (2, 0x24, Int(UInt32.max), Int(UInt32.max), 0, 0), (2, 0x21, 0, 0, 0, 1),
  ])
  mutating func whatMakesNoSenseChangesNothing(
    index: Int, flags: Int, start: Int, count: Int, descriptors: Int, bytes: Int
  ) throws {
    let event = try PassedDescriptor.event()
    try set(2, 0x24, count: 1, [event])
    let others = try events(descriptors)
    #expect(throws: VfioUserError(number: EINVAL)) {
      try set(
        index, UInt32(flags), start: start, count: count, others, data: Array(repeating: 1, count: bytes))
    }
    #expect(interrupts.count(.msix) == 1 && interrupts.raise(0, of: .msix))
  }

  /// Anything else might block, or be a file that is written to.
  @Test mutating func onlyAnEventfdIsOne() throws {
    var ends: [CInt] = [-1, -1]
    #expect(unsafe pipe(&ends) == 0)
    let pipe = ends.map(PassedDescriptor.init(owning:))
    #expect(throws: VfioUserError(number: EINVAL)) { try set(2, 0x24, count: 1, [pipe[1]]) }
  }

  @Test mutating func aFullEventfdHoldsNobodyUp() throws {
    let event = try PassedDescriptor.event()
    var most = UInt64.max - 1
    #expect(unsafe write(event.number, &most, 8) == 8)
    #expect(fcntl(event.number, F_SETFL, 0) == 0)
    try set(2, 0x24, count: 1, [event])
    #expect(interrupts.raise(0, of: .msix))
    #expect(event.take() == UInt64.max - 1)
  }
}
