import PCIe
import Testing

@Suite struct BytesTests {
  @Test func loadsAndStoresInBothOrders() {
    var bytes: [UInt8] = [0x01, 0x02, 0x03, 0x04, 0x05]
    #expect(bytes.rawSpan.loadBE(at: 1, as: UInt32.self) == 0x0203_0405)
    #expect(bytes.rawSpan.loadLE(at: 1, as: UInt32.self) == 0x0504_0302)
    #expect(bytes.loadLE(at: 0, as: UInt16.self) == 0x0201)
    bytes.withMutableRawSpan { $0.storeBE(UInt16(0xaabb), at: 0) }
    bytes.storeLE(UInt16(0xccdd), at: 3)
    #expect(bytes == [0xaa, 0xbb, 0x03, 0xdd, 0xcc])
  }

  @Test func copiesBetweenAndInsideArrays() {
    let source = Array(UInt8(0)..<16)
    var target = [UInt8](repeating: 0xff, count: 8)
    copyBytes(from: source, at: 12, to: &target, at: 2, count: 4)
    #expect(target == [0xff, 0xff, 12, 13, 14, 15, 0xff, 0xff])
    copyBytes(from: source, at: 16, to: &target, at: 8, count: 0)
    copyBytes(from: source.rawSpan, at: 0, to: &target, at: 6, count: 2)
    #expect(target == [0xff, 0xff, 12, 13, 14, 15, 0, 1])
    moveBytes(in: &target, from: 2, to: 3, count: 4)
    #expect(target == [0xff, 0xff, 12, 12, 13, 14, 15, 1])
    target.withMutableRawSpan { $0.copyBytes(from: [UInt8](repeating: 7, count: 2).rawSpan, at: 6) }
    #expect(target.suffix(2) == [7, 7])
  }

  @Test func aCopyPastTheEndStops() async {
    await #expect(processExitsWith: .failure) {
      var target = [UInt8](repeating: 0, count: 8)
      copyBytes(from: [1, 2, 3, 4], at: 0, to: &target, at: 5, count: 4)
    }
    await #expect(processExitsWith: .failure) {
      var target = [UInt8](repeating: 0, count: 8)
      copyBytes(from: [1, 2, 3, 4], at: 2, to: &target, at: 0, count: 3)
    }
    await #expect(processExitsWith: .failure) {
      var target = [UInt8](repeating: 0, count: 8)
      moveBytes(in: &target, from: -1, to: 0, count: 3)
    }
  }
}
