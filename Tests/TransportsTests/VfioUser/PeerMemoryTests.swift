import CSystem
import Glibc
import PCIe
import Testing

@testable import Transports

@Suite struct PeerMemoryTests {
  private func read(_ map: inout PeerMemoryMap, _ address: UInt64, _ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return bytes.withMutableRawSpan { map.read(address, into: &$0) } ? bytes : nil
  }

  private func write(_ map: inout PeerMemoryMap, _ address: UInt64, _ bytes: [UInt8]) -> Bool {
    map.write(bytes.rawSpan, at: address)
  }

  private func reach(
    _ map: inout PeerMemoryMap, _ address: UInt64, _ count: Int, isWrite: Bool = false
  ) -> PeerMemoryMap.Reach { map.reach(address, count: count, isWrite: isWrite) }

  private func error(_ body: () throws(VfioUserError) -> Void) -> Int32? {
    do throws(VfioUserError) { try body() } catch { return error.number }
    return nil
  }

  private func window(
    _ address: UInt64, _ bytes: UInt64, isWritable: Bool = true, _ memory: PeerMemory? = nil
  ) -> PeerMemoryMap.Window {
    .init(address: address, bytes: bytes, isReadable: true, isWritable: isWritable, memory: memory)
  }

  /// A file of memory that its owner can still make shorter.
  private func unsealed(_ bytes: Int) throws -> PassedDescriptor {
    var path = Array("/tmp/pcie-harness.XXXXXX\0".utf8CString)
    let number = unsafe mkstemp(&path)
    try #require(number >= 0)
    unsafe unlink(&path)
    try #require(ftruncate(number, bytes) == 0)
    return PassedDescriptor(owning: number)
  }

  @Test func accessesGoAcrossWindows() throws {
    var map = PeerMemoryMap()
    let file = try PassedDescriptor.memory(bytes: 16384)
    for (place, offset) in [(UInt64(0x1000), UInt64(8192)), (0x2000, 0)] {
      let memory = try PeerMemory(file, offset: offset, bytes: 4096, isWritable: true)
      #expect(memory.isMapped)
      try map.add(window(place, 4096, memory))
    }
    #expect(reach(&map, 0x1ffe, 4, isWrite: true) == .memory)
    #expect(write(&map, 0x1ffe, [1, 2, 3, 4]))
    #expect(read(&map, 0x1ffd, 6) == [0, 1, 2, 3, 4, 0])
    #expect(reach(&map, 0xfff, 2, isWrite: false) == .nobody)
    #expect(reach(&map, 0x2ffe, 3, isWrite: false) == .nobody)
    var bytes: [UInt8] = [0, 0]
    #expect(unsafe csys_read_at(file.number, &bytes, 2, 8192 + 0xffe) == 0 && bytes == [1, 2])
  }

  @Test func windowsComeAndGoInAnyOrder() throws {
    var map = PeerMemoryMap()
    for place in [7, 2, 9, 4, 0] { try map.add(window(UInt64(place) << 12, 4096)) }
    #expect(map.windows.map(\.address) == [0, 2, 4, 7, 9].map { $0 << 12 })
    #expect(error { () throws(VfioUserError) in try map.add(window(0x1000, 0x1001)) } == EEXIST)
    #expect(error { () throws(VfioUserError) in try map.add(window(0x2fff, 1)) } == EEXIST)
    #expect(error { () throws(VfioUserError) in try map.add(window(.max, 2)) } == EINVAL)
    #expect(error { () throws(VfioUserError) in try map.add(window(0x1000, 0)) } == EINVAL)
    #expect(error { () throws(VfioUserError) in try map.remove(address: 0x2000, bytes: 0x800) } == ENOENT)
    #expect(error { () throws(VfioUserError) in try map.remove(address: 0x3000, bytes: 0x1000) } == ENOENT)
    try map.remove(address: 0x4000, bytes: 0x1000)
    #expect(reach(&map, 0x4000, 1) == .nobody && reach(&map, 0x7fff, 1) == .messages)
    try map.add(window(0x4000, 0x3000))
    #expect(reach(&map, 0x2000, 0x1001, isWrite: false) == .nobody)
    #expect(reach(&map, 0x4000, 0x4000, isWrite: false) == .messages)
    map.removeAll()
    #expect(reach(&map, 0x2000, 1) == .nobody)
    // The last address there is.
    try map.add(window(.max - 0xfff, 0x1000))
    #expect(map.reach(.max - 1, count: 2, isWrite: true) == .messages)
    #expect(map.reach(.max - 1, count: 3, isWrite: true) == .nobody)
  }

  @Test func whatIsReadOnlyIsNotWritten() throws {
    var map = PeerMemoryMap()
    let file = try PassedDescriptor.memory(bytes: 4096)
    try map.add(
      window(0, 4096, isWritable: false, PeerMemory(file, offset: 0, bytes: 4096, isWritable: false)))
    #expect(reach(&map, 0, 4, isWrite: true) == .nobody)
    #expect(!write(&map, 0, [1]))
    #expect(read(&map, 0, 1) == [0])
  }

  /// Using its pages would end the process once they are gone.
  @Test func memoryThatCanBeTakenAwayIsReadByCalls() throws {
    var map = PeerMemoryMap()
    let file = try unsealed(8192)
    let memory = try PeerMemory(file, offset: 4096, bytes: 4096, isWritable: true)
    #expect(!memory.isMapped)
    try map.add(window(0, 4096, memory))
    #expect(write(&map, 100, [5, 6]) && read(&map, 100, 2) == [5, 6])
    #expect(ftruncate(file.number, 4096) == 0)
    #expect(read(&map, 100, 2) == nil && !write(&map, 100, [5]))
    var facts = stat()
    #expect(unsafe fstat(file.number, &facts) == 0 && facts.st_size == 4096)
  }

  @Test func piecesLieInsideTheirFile() throws {
    let file = try PassedDescriptor.memory(bytes: 8192)
    for (offset, bytes) in [(UInt64(0), 8193), (4096, 4097), (.max, 4096), (0, 0), (1 << 63, 1)] {
      #expect(throws: VfioUserError(number: EINVAL)) {
        try PeerMemory(file, offset: offset, bytes: bytes, isWritable: true)
      }
    }
    let event = try PassedDescriptor.event()
    #expect(throws: VfioUserError.self) { try PeerMemory(event, offset: 0, bytes: 1, isWritable: true) }
  }
}
