import PCIe
import Simulation
import Testing

@testable import LinkBroker

@Suite("The table of what faults look for")
struct FaultTableTests {
  @Test("the screens never hide an entry that fits", arguments: 0..<8)
  func screensAreSafe(block: UInt64) {
    var generator = SeededGenerator(seed: block)
    var fitting = 0
    for _ in 0..<60 {
      let watches = ContiguousArray(
        (0..<(1 + Int(generator.below(6)))).map { number in
          FaultTable.Watch(match: match(&generator), rule: number, isStart: false)
        })
      var table = FaultTable(watches)
      for _ in 0..<40 {
        let tlp = tlp(&generator)
        let range = table.range(tlp)
        let found = range.filter { table[$0].pattern.fits(tlp) }.map { Int(table[$0].rule) }
        let expected = watches.indices.filter { watch in
          FaultPattern(watches[watch].match, kind: tlp.kind)?.fits(tlp) ?? false
        }
        #expect(found == expected)
        fitting += expected.count
      }
    }
    #expect(fitting > 100)
  }

  @Test("what fits no entry is compared with none where rules agree or name addresses")
  func screensHide() {
    var generator = SeededGenerator(seed: 1)
    let addressed = LinkFault.Match(.tlps(.init(.memoryRead)), address: 0x8000...0x8fff)
    let others = LinkFault.Match(.tlps(.init(.memoryRead)), address: 0x1000...0x1fff)
    var table = FaultTable([
      .init(match: addressed, rule: 0, isStart: false), .init(match: others, rule: 1, isStart: false),
    ])
    for address in [0x0ffc, 0x2000, 0x7ffc, 0x9000, 0x4000] as [UInt64] {
      #expect(table.range(read(address, &generator)).isEmpty)
    }
    for address in [0x1000, 0x1ffc, 0x8000, 0x8ffc] as [UInt64] {
      #expect(table.range(read(address, &generator)).count == 2)
    }
  }

  @Test("a cover knows its ranges and the gaps between them, whatever was asked before")
  func covers() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<100 {
      let ranges = (0..<generator.below(6)).map { _ -> ClosedRange<UInt64> in
        let start = generator.below(3) == 0 ? UInt64.max - 8 - generator.below(50) : generator.below(60)
        return start...(start + generator.below(8))
      }
      var cover = AddressCover(ranges)
      for _ in 0..<60 {
        let first = generator.below(4) == 0 ? UInt64.max - 4 - generator.below(60) : generator.below(70)
        let last = first + generator.below(4)
        let touches = ranges.contains { first <= $0.upperBound && last >= $0.lowerBound }
        #expect(cover.touches((first, last)) == touches, "\(ranges) \(first) \(last)")
      }
    }
  }

  private func match(_ generator: inout SeededGenerator) -> LinkFault.Match {
    let kinds = LinkFault.TLPKinds(rawValue: UInt32(truncatingIfNeeded: generator.next()))
    var match = LinkFault.Match(.tlps(generator.below(3) == 0 ? .any : kinds))
    if generator.below(2) == 0 {
      let start = generator.below(16) * 4
      match.address = start...(start + generator.below(16))
    }
    if generator.below(4) == 0 { match.tag = UInt16(generator.below(4)) }
    if generator.below(4) == 0 {
      match.requester = FunctionAddress(rawValue: UInt16(generator.below(3)))
    }
    if generator.below(6) == 0 { match.length = 4...Int(4 + generator.below(8)) }
    return match
  }

  private func tlp(_ generator: inout SeededGenerator) -> FabricTLP {
    let request = read(generator.below(24) * 4, &generator)
    guard generator.below(4) == 0 else { return request }
    let header = TLPHeader.completion(
      of: request.header, status: .successful, completer: FunctionAddress(rawValue: 7))
    var completion = FabricTLP(header: header)
    completion.classify()
    return completion
  }

  private func read(_ address: UInt64, _ generator: inout SeededGenerator) -> FabricTLP {
    let requester = FunctionAddress(rawValue: UInt16(generator.below(3)))
    var tlp = FabricTLP(
      header: .memoryRead(
        address: address, bytes: 4, requester: requester, tag: UInt16(generator.below(4))))
    tlp.classify()
    return tlp
  }
}
