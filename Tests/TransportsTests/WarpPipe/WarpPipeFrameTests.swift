import PCIe
import Simulation
import Testing

@testable import Transports

@Suite struct WarpPipeFrameTests {
  @Test(arguments: WarpPipeVectors.clean)
  func capturedFramesComeBackByteForByte(frame: [UInt8]) throws {
    var reader = WarpPipeReader()
    reader.append(frame)
    let item = try reader.next()
    guard case .frame(let read) = item else {
      Issue.record("no frame: \(String(describing: item))")
      return
    }
    #expect(read.bytes == frame)
    #expect(reader.pendingBytes == 0)
  }

  @Test(arguments: [
    (WarpPipeVectors.barWrite, WarpPipeVectors.barWriteClean),
    (WarpPipeVectors.write4, WarpPipeVectors.write4Clean),
  ])
  func uninitialisedBytesOfHeadersAreDropped(frame: [UInt8], clean: [UInt8]) throws {
    var reader = WarpPipeReader()
    reader.append(frame)
    guard case .frame(let read) = try reader.next() else {
      Issue.record("no frame")
      return
    }
    #expect(read.bytes == clean)
  }

  @Test func framesComeWhole() throws {
    var reader = WarpPipeReader()
    var frames = 0
    for byte in WarpPipeVectors.clean.joined() {
      reader.append([byte])
      while try reader.next() != nil { frames += 1 }
    }
    #expect(frames == WarpPipeVectors.clean.count)
  }

  @Test func wrongChecksumsAreTold() throws {
    var reader = WarpPipeReader()
    var frame = WarpPipeVectors.read4
    frame[12] ^= 1
    reader.append(frame)
    let tlp = try reader.next()
    #expect(tlp == .badTLP(sequence: 11))
    frame = WarpPipeVectors.ack1
    frame[4] ^= 1
    reader.append(frame)
    guard case .badDLLP = try reader.next() else {
      Issue.record("a DLLP with a wrong CRC was read")
      return
    }
  }

  @Test func streamsThatAreNoneAreRefused() {
    var reader = WarpPipeReader()
    reader.append([0x47, 0x45, 0x54, 0x20, 0x2f, 0x20, 0x48])
    #expect(throws: WarpPipeStreamError.unknownMark(0x47)) { _ = try reader.next() }
    reader = WarpPipeReader()
    reader.append([0x03, 0, 1, 0x80, 0, 0, 1])
    #expect(throws: WarpPipeStreamError.unknownFormat(0x80)) { _ = try reader.next() }
  }

  @Test func anyBytesAreFramesOrAnError() {
    var generator = SeededGenerator(seed: 0x77)
    for _ in 0..<2000 {
      var reader = WarpPipeReader()
      let count = Int(generator.next() % 64)
      reader.append(
        (0..<count).map { $0 == 0 ? UInt8(2 + generator.next() % 2) : UInt8(generator.next() % 256) })
      while let item = try? reader.next() { _ = item }
    }
  }
}
