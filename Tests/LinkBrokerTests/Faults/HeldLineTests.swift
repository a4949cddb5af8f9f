import PCIe
import Testing

@testable import LinkBroker

@Suite("What waits behind a TLP that is held back")
struct HeldLineTests {
  private static func line(_ waiting: [(TLPHeader, FaultMarks.Fates)]) -> HeldLine {
    var line = HeldLine()
    line.hold(tlp(read(0, tag: 9)), DrawnMark(rule: 0, match: 1), behind: .interrupt)
    for (header, fates) in waiting {
      var next = tlp(header)
      next.marks.fates = fates
      line.append(next)
    }
    return line
  }

  private static func tlp(_ header: TLPHeader) -> FabricTLP {
    var tlp = FabricTLP(header: header)
    tlp.classify()
    return tlp
  }

  @Test("posted requests are taken out in their order, the others stay in theirs")
  func posted() {
    var line = Self.line([
      (read(0x10, tag: 1), []), (write(0x20), []), (read(0x30, tag: 2), []), (write(0x40), [.duplicate]),
    ])
    #expect(line.takePosted()?.map(\.header.address) == [0x20, 0x40])
    #expect(line.takePosted()?.isEmpty == true)
    #expect(line.takeWaiting().map(\.header.address) == [0x10, 0x30])
    #expect(line.isHolding && line.takeHead()?.header.tag == 9 && !line.isHolding)
  }

  @Test(
    "nothing is taken out while one of them has to stay",
    arguments: [.drop, .delay, .hold] as [FaultMarks.Fates])
  func staying(fate: FaultMarks.Fates) {
    var line = Self.line([(write(0x20), []), (write(0x40), fate), (read(0x10, tag: 1), [])])
    #expect(line.takePosted()?.count == nil)
    #expect(line.takeWaiting().map(\.header.address) == [0x20, 0x40, 0x10])
  }

  @Test("what is not posted may be marked as it likes")
  func others() {
    var line = Self.line([(read(0x10, tag: 1), [.drop]), (write(0x20), [.respond])])
    #expect(line.takePosted()?.map(\.header.address) == [0x20])
    #expect(line.takeWaiting().map(\.header.address) == [0x10])
  }
}
