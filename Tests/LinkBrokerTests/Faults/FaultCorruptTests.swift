import PCIe
import Simulation
import Testing

@testable import LinkBroker

@Suite("Fields that faults change")
struct FaultCorruptTests {
  static let headerFields: [LinkFault.Field] = [
    .type, .length, .firstByteEnables, .boundary, .address, .requester, .tag, .byteCount,
  ]

  /// Which TLPs have a field that can be drawn wrong.
  private static func isDrawn(_ field: LinkFault.Field, _ sample: Sample) -> Bool {
    guard let kind = sample.header.kind else { return false }
    return switch field {
    case .type, .requester: true
    // Length is reserved in what has no data and asks for none.
    case .length: sample.name != "message" && sample.name != "completion"
    // With one DW no value of the first byte enables is illegal.
    case .firstByteEnables:
      kind.isMemoryRequest && !kind.isAtomic && sample.header.lengthField > 1
    case .boundary: (kind == .memoryRead || kind == .memoryWrite) && sample.header.lengthField > 1
    case .address: kind.isMemoryRequest || kind == .ioRead || kind == .ioWrite
    case .tag: kind.flowControlClass != .posted
    case .byteCount: kind.isCompletion
    case .payload, .maxPayload: kind.hasData
    case .ecrc: sample.header.hasDigest
    case .linkCRC, .nullified, .badEnd, .credits, .sequence: false
    }
  }

  @Test("a drawn value differs, and is illegal where it must be", arguments: headerFields)
  func drawn(_ field: LinkFault.Field) {
    for sample in Sample.kinds {
      for seed in UInt64(0)..<8 {
        var bench = FaultBench()
        bench.arm(LinkFault(.corrupt(field, value: nil), on: FaultBench.down, seed: seed))
        bench.run([sample])
        let isStruck = Self.isDrawn(field, sample)
        #expect(bench.pair.fabric.strikeCount(0) == (isStruck ? 1 : 0), "\(field) of \(sample.name)")
        #expect(bench.pair.fabric.matchCount(0) == (isStruck ? 1 : 0))
        #expect(bench.pair.fabric.payloads.used == 0)
        let isIllegal = [.type, .length, .firstByteEnables, .boundary].contains(field)
        let isMalformed = isStruck && isIllegal
        #expect(bench.device.detected == (isMalformed ? [.malformedTLP] : []), "\(field) of \(sample.name)")
        #expect(bench.violations == (isMalformed ? [.malformedTLP] : []))
        #expect(bench.device.arrivals.count == (isMalformed ? 0 : 1))
        if isStruck, !isIllegal { #expect(bench.device.arrivals.first?.header != sample.header) }
      }
    }
  }

  @Test("different seeds draw different values", arguments: headerFields)
  func seeds(_ field: LinkFault.Field) {
    // Only one value is illegal for these.
    guard field != .firstByteEnables, field != .boundary else { return }
    let sample =
      switch field {
      case .byteCount: Sample.data(tag: 9)
      case .length: Sample.write(0x1234_5000)
      default: Sample.read(0x1234_5000, bytes: 64, tag: 3)
      }
    var values: Set<UInt64> = []
    for seed in UInt64(0)..<16 {
      var bench = FaultBench()
      bench.arm(LinkFault(.corrupt(field, value: nil), on: FaultBench.down, seed: seed))
      bench.run([sample])
      values.formUnion(bench.pair.fabric.strikes.map(\.value))
    }
    #expect(values.count > 4)
  }

  @Test("a value that is given is set, and one that stands there already is no match")
  func given() {
    let cases: [(LinkFault.Field, UInt64, Sample, (TLPHeader) -> UInt64)] = [
      (.address, 0xdead_b000, .write(0x1000), { $0.address }),
      (.requester, 0x1234, .write(0x1000), { UInt64($0.requesterID.rawValue) }),
      (.tag, 0x2ff, .read(0, tag: 1), { UInt64($0.tag) }),
      (.byteCount, 77, .data(tag: 1), { UInt64($0.byteCount) }),
      (.firstByteEnables, 0b0110, .write(0x1000), { UInt64($0.firstByteEnable) }),
      (.length, 2, .read(0, tag: 1), { UInt64($0.lengthDW) }),
      (.type, 0b000_00010, .read(0, tag: 1), { UInt64($0.formatAndType) }),
    ]
    for (field, value, sample, read) in cases {
      var bench = FaultBench()
      let same = read(sample.header)
      bench.arm(
        LinkFault(.corrupt(field, value: same), on: FaultBench.down),
        LinkFault(.corrupt(field, value: value), on: FaultBench.down))
      bench.run([sample])
      #expect(bench.pair.fabric.matchCount(0) == 0, "\(field)")
      #expect(bench.pair.fabric.strikes.map(\.value) == [value])
      let seen = bench.device.arrivals.first?.header ?? bench.pair.fabric.findings.first?.header
      #expect(seen.map(read) == value, "\(field)")
    }
  }

  @Test("a payload one DW above the limit is dropped as malformed")
  func maxPayload() {
    for sample in Sample.kinds {
      for maxPayloadBytes in [128, 512, 4096] {
        var bench = FaultBench(
          LinkConfiguration(maxPayloadBytes: maxPayloadBytes), infiniteCompletions: false)
        let credits = bench.pair.fabric.credits(ofLink: 0, downstream: true)
        bench.arm(LinkFault(.corrupt(.maxPayload, value: nil), on: FaultBench.down))
        bench.run([sample])
        bench.pair.fabric.run(until: bench.pair.fabric.now + .milliseconds(1))
        // Length cannot say more than 4096 bytes, and non-posted buffers hold 512: an overflow would come first.
        let isNonPosted = sample.header.kind?.flowControlClass == .nonPosted
        let isStruck = sample.header.hasData && maxPayloadBytes < (isNonPosted ? 512 : 4096)
        #expect(bench.pair.fabric.strikes.map(\.value) == (isStruck ? [UInt64(maxPayloadBytes + 4)] : []))
        #expect(bench.device.detected == (isStruck ? [.malformedTLP] : []), "\(sample.name)")
        let text = bench.pair.fabric.findings.first?.text ?? ""
        #expect(text.contains("exceeds max payload size") == isStruck)
        #expect(bench.pair.fabric.credits(ofLink: 0, downstream: true) == credits)
        #expect(bench.pair.fabric.payloads.used == 0)
      }
    }
  }

  @Test("a payload changes in one bit, or to the word that is given")
  func payload() {
    for sample in Sample.kinds where sample.header.hasData {
      for seed in UInt64(0)..<10 {
        var bench = FaultBench()
        bench.arm(LinkFault(.corrupt(.payload, value: nil), on: FaultBench.down, seed: seed))
        bench.run([sample])
        let arrived = bench.device.arrivals.first?.payload ?? []
        let changed = zip(arrived, sample.payload).map { ($0 ^ $1).nonzeroBitCount }.reduce(0, +)
        #expect(changed == 1, "\(sample.name)")
      }
    }
    var bench = FaultBench()
    bench.arm(LinkFault(.corrupt(.payload, value: 0x0403_0201), on: FaultBench.down))
    bench.run([.write(0, bytes: 8), .read(0, tag: 1)])
    #expect(bench.device.arrivals.map { Array($0.payload.prefix(4)) } == [[1, 2, 3, 4], []])
    #expect(bench.pair.fabric.strikeCount(0) == 1)
  }

  @Test("the digest is bad only where there is one, and wherever something else was changed")
  func digest() {
    for sample in Sample.kinds {
      for hasDigest in [false, true] {
        for field in [LinkFault.Field.ecrc, .requester] {
          var bench = FaultBench()
          var sent = sample
          sent.header.hasDigest = hasDigest
          bench.device.holds = true
          bench.arm(LinkFault(.corrupt(field, value: nil), on: FaultBench.down))
          bench.run([sent])
          #expect(bench.pair.fabric.strikeCount(0) == (hasDigest || field == .requester ? 1 : 0))
          #expect(bench.device.held.map(\.hasBadDigest) == [hasDigest])
        }
      }
    }
  }

  @Test("a request whose tag was changed is still the one that its requester waits for")
  func tags() {
    var bench = FaultBench()
    bench.arm(LinkFault(.corrupt(.tag, value: 2), on: FaultBench.down, selection: .nth(1)))
    bench.run([.read(0, tag: 1), .read(0, tag: 2)])
    // The completion of what looks like tag 2 comes twice, and tag 1 may not be used yet.
    #expect(bench.violations.isEmpty)
    bench.run([.read(0, tag: 1)])
    #expect(bench.violations == [.tagReuse])
    bench.pair.fabric.abandon(requester, tag: 1)
    bench.run([.read(0, tag: 1)])
    #expect(bench.violations == [.tagReuse])
  }

  @Test("no change of a header by any value makes anything trap")
  func anyValue() {
    var generator = SeededGenerator(seed: 0xfa17)
    for sample in Sample.kinds {
      for _ in 0..<30 {
        let field = Self.headerFields[Int(generator.below(UInt64(Self.headerFields.count)))]
        let bench = SwitchBench()
        bench.fabric.arm([
          LinkFault(
            .corrupt(field, value: field == .boundary ? nil : generator.next()),
            on: [.init(link: bench.upstreamLink, isDownstream: true)]),
          LinkFault(
            .corrupt(Self.headerFields[Int(generator.below(8))], value: nil),
            on: [.init(link: bench.links[0], isDownstream: true)], seed: generator.next()),
        ])
        var tlp = FabricTLP(header: sample.header)
        if sample.header.hasData {
          tlp.payload = bench.fabric.payloads.take(bytes: sample.payload.count)
          bench.fabric.payloads.write(sample.payload, from: 0, count: sample.payload.count, to: tlp.payload)
        }
        if sample.header.kind?.isMemoryRequest == true, !tlp.header.hasFourDWs {
          tlp.header.address = SwitchBench.memory(0)
        }
        if let port = bench.root.port { bench.fabric.send(tlp, from: port) }
        bench.fabric.runUntilIdle()
        #expect(bench.fabric.payloads.used == 0)
        #expect(bench.fabric.strikeCount(0) <= 1)
      }
    }
  }
}
