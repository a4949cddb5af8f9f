import PCIe
import Simulation
import Testing

@testable import Transports

/// How a device is found and set up.
@Suite struct WarpPipeProbeTests {
  private var session = WarpPipeSession(WarpPipeSettings(role: .device))
  private var probe = WarpPipeProbe()
  /// What the device has been asked, as text.
  private var asked: [String] = []

  /// Plays a device of some registers, of which BARs have masks, until the probe has its outcome.
  private mutating func answer(_ registers: [Int: UInt32], bars: [Int: UInt32]) throws {
    var values = registers
    var sequence: UInt16 = 0
    while true {
      probe.advance(&session)
      var reader = WarpPipeReader()
      reader.append(session.takeOutput())
      var count = 0
      while case .frame(let frame) = try reader.next() {
        count += 1
        guard case .tlp(let number, let tlp) = frame else { continue }
        let offset = Int(tlp.header.registerOffset)
        try session.receive(WarpPipeFrame.dllp(.ack(sequence: number)).bytes, at: .zero)
        if tlp.header.hasData {
          let value = tlp.payload.loadLE(at: 0, as: UInt32.self)
          asked.append("\(String(offset, radix: 16))=\(String(value, radix: 16))")
          let mask = bars[offset] ?? 0
          values[offset] = value & mask & ~0xf | mask & 0xf
        } else {
          sequence += 1
          let header = TLPHeader.completionWithWord(of: tlp.header, completer: .unnamed)
          let value = values[offset] ?? 0
          let payload = (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
          try session.receive(
            WarpPipeFrame.tlp(sequence: sequence, TLP(header: header, payload: payload)).bytes, at: .zero)
        }
      }
      if count == 0 { return }
    }
  }

  @Test mutating func firstFrameIsThatOfTheCapture() {
    probe.advance(&session)
    #expect(session.takeOutput() == WarpPipeVectors.configurationRead)
    #expect(probe.outcome == .open)
  }

  @Test mutating func conversationIsThatOfTheCapture() throws {
    var sent: [UInt8] = []
    for line in WarpPipeConversation.lines {
      if line.isToMock {
        probe.advance(&session)
        sent += session.takeOutput()
        try #require(Array(sent.prefix(line.bytes.count)) == line.bytes)
        sent.removeFirst(line.bytes.count)
      } else {
        try session.receive(line.bytes, at: .zero)
      }
    }
    probe.advance(&session)
    #expect(sent.isEmpty && !session.hasOutput)
    guard case .found(_, let windows) = probe.outcome else {
      Issue.record("\(probe.outcome)")
      return
    }
    #expect(windows.map(\.bar.bytes) == [128, 2048])
  }

  /// The registers of the unmodified mock, which calls its memory I/O.
  @Test mutating func mockIsFoundAndSetUp() throws {
    try answer([0: 0x0002_0001], bars: [0x10: 0xffff_ff81, 0x14: 0xffff_f801])
    guard case .found(let description, let windows) = probe.outcome else {
      Issue.record("\(probe.outcome)")
      return
    }
    #expect(description.identity.vendorID == 1)
    #expect(description.identity.deviceID == 2)
    let kind = BarLayout.Kind.memory32(prefetchable: false)
    #expect(
      description.bars == [
        BarLayout(index: 0, bytes: 128, kind: kind), BarLayout(index: 1, bytes: 2048, kind: kind),
      ])
    #expect(windows.map(\.peerAddress) == [0xffff_f780, 0xffff_f800])
    // In the order of their indices: a BAR without an address would claim the requests of all.
    #expect(asked.suffix(2) == ["10=fffff780", "14=fffff800"])
  }

  @Test mutating func wideBarsTakeTwoRegisters() throws {
    try answer(
      [0: 0x5678_1234, 8: 0xff00_0007, 0x2c: 0x2222_1111],
      bars: [0x10: 0xffff_000c, 0x14: 0xffff_ffff, 0x18: 0xffff_f008])
    guard case .found(let description, _) = probe.outcome else {
      Issue.record("\(probe.outcome)")
      return
    }
    #expect(
      description.bars == [
        BarLayout(index: 0, bytes: 65536, kind: .memory64(prefetchable: true)),
        BarLayout(index: 2, bytes: 4096, kind: .memory32(prefetchable: true)),
      ])
    #expect(description.identity.classCode == 0xff0000)
    #expect(description.identity.revisionID == 7)
    #expect(description.identity.subsystemVendorID == 0x1111)
    #expect(asked.suffix(3) == ["10=ffff0000", "14=0", "18=fffef000"])
  }

  @Test(arguments: [
    (
      [0: UInt32.max], [Int: UInt32](),
      "its register 0x0 reads 0xffffffff, which is no Vendor ID and Device ID"
    ),
    ([0: 0x1_0001, 0xc: 0x1_0000], [:], "its header is of type 1; a device has type 0"),
    (
      [0: 0x1_0001], [0x10: 0x8000_0000, 0x14: 0x8000_0000],
      "its BARs do not fit below 4 GiB, which this wire ends at: bar0 of 2147483648 bytes, bar1 of 2147483648 bytes"
    ),
  ])
  mutating func whatIsNoFunctionIsTold(
    registers: [Int: UInt32], bars: [Int: UInt32], message: String
  ) throws {
    try answer(registers, bars: bars)
    guard case .failed(let error) = probe.outcome else {
      Issue.record("\(probe.outcome)")
      return
    }
    #expect("\(error)" == message)
  }

  @Test mutating func failedReadEndsIt() throws {
    probe.advance(&session)
    // The mock's way to say that a read has failed, for tag 0.
    var header = TLPHeader.configurationRead(of: .unnamed, offset: 0, bytes: 4, requester: .unnamed, tag: 0)
    header.tag = 0
    let failed = TLP(header: .completion(of: header, status: .successful, completer: .unnamed))
    try session.receive(WarpPipeFrame.tlp(sequence: 1, failed).bytes, at: .zero)
    probe.advance(&session)
    #expect(probe.outcome == .failed(.refused(offset: 0)))
  }
}
