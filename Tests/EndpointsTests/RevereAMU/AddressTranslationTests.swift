import LinkBroker
import PCIe
import RevereInterface
import Simulation
import Testing

@testable import Endpoints

/// Address translation services: a function asks for translations, goes by them, and forgets them when told.
@Suite struct AddressTranslationTests {
  private static let tag: UInt16 = 5

  /// A unit with translations enabled in a function; the history begins behind that.
  private func bench(function: Int = 0, virtualFunctions: Int = 0) throws -> AMUBench {
    let bench = try AMUBench(virtualFunctions: virtualFunctions)
    if function > 0 { bench.command("PF_F_ENABLE", ["F_OWNER": UInt64(function)]) }
    bench.openSoftware(0, function: function)
    bench.openHardware(0, function: function)
    bench.connect(0, .software(0), .hardware(0))
    bench.connect(1, .hardware(0), .software(0))
    try enable(bench, function)
    bench.fabric.resetMeasurements()
    return bench
  }

  private func id(_ bench: AMUBench, _ function: Int) -> FunctionAddress {
    function == 0 ? bench.address : bench.virtualID(function)
  }

  private func enable(_ bench: AMUBench, _ function: Int, _ control: UInt32 = 0x8000) throws {
    let owner = function == 0 ? bench.unit.function : bench.unit.virtualFunction(function)
    let place = try #require(owner?.space.places[.addressTranslation])
    bench.configure(id(bench, function), place + 6, 2, control)
  }

  private func requests(_ bench: AMUBench, _ type: UInt8) -> [TLPHeader] {
    bench.fabric.history(ofLink: 0).ordered.filter { !$0.isDownstream }.map(\.header)
      .filter { $0.kind?.isMemoryRequest == true && $0.addressType == type }
  }

  private func completions(_ bench: AMUBench) -> [TLPHeader] {
    bench.fabric.history(ofLink: 0).ordered.filter { !$0.isDownstream }.map(\.header)
      .filter { $0.kind == .message && $0.messageCode == .invalidateCompletion }
  }

  private func loop(_ bench: AMUBench, _ count: Int = 5, seed: UInt64 = 1, function: Int = 0) {
    let sent = bench.messages(count, seed: seed)
    bench.send(sent, function: function)
    #expect(bench.receive(function: function) == sent.inverted)
  }

  /// Sends an invalidate request for pages from an address on.
  private func invalidate(
    _ bench: AMUBench, _ body: UInt64, function: Int = 0, bytes: Int = 8, isPoisoned: Bool = false
  ) throws {
    let port = try #require(bench.root.core.ports.ports.first?.port)
    let payload = bench.fabric.payloads.take(bytes: bytes)
    for byte in 0..<bytes {
      bench.fabric.payloads.setByte(
        payload, at: byte, to: UInt8(truncatingIfNeeded: body >> UInt64(56 - 8 * byte)))
    }
    var header = TLPHeader.message(
      .invalidateRequest, requester: FunctionAddress(rawValue: 0), tag: Self.tag, lengthDW: bytes / 4,
      dw2: UInt32(id(bench, function).rawValue) << 16)
    header.isPoisoned = isPoisoned
    bench.fabric.send(FabricTLP(header: header, payload: payload), from: port)
  }

  /// The pages of host memory where the bench has the rings of context 0.
  private static let (transmit, receive) = (AMUBench.ringArea >> 12, AMUBench.ringArea >> 12 + 4)

  @Test func whatIsKnownGoesTranslated() throws {
    let bench = try bench()
    loop(bench)
    // Each page is asked for once, and its first request goes as it is.
    let asked = requests(bench, 1).map(\.address)
    #expect(Set(asked).count == asked.count)
    #expect(asked.contains(Self.transmit << 12) && asked.contains(Self.receive << 12))
    #expect(requests(bench, 1).allSatisfy { $0.lengthDW == 2 && $0.enablesEveryByte })
    bench.fabric.resetMeasurements()
    loop(bench, seed: 2)
    #expect(requests(bench, 1).isEmpty)
    let translated = Set(requests(bench, 2).map { $0.address >> 12 })
    #expect(translated.isSuperset(of: [Self.transmit, Self.receive]))
    #expect(bench.violations.isEmpty)
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func translatedRequestsGoWhereTheTableSays() throws {
    let bench = try bench()
    let (from, to) = (Self.receive, UInt64(0x1800))
    bench.root.core.translations.map(
      from, to: TranslationEntry(page: to, isReadable: true, isWritable: true))
    let sent = bench.messages(12)
    bench.send(Array(sent[..<4]))
    bench.send(Array(sent[4...]))
    // Untranslated or not, all are on the page that stands for theirs.
    let seen = bench.root.core.memory.bytes[Int(to) << 12..<Int(to) << 12 + 12 * 64]
    #expect(Array(seen) == sent.inverted.flatMap { $0 })
    #expect(requests(bench, 0).contains { $0.address >> 12 == from })
    #expect(requests(bench, 2).contains { $0.address >> 12 == to })
    #expect(!requests(bench, 2).contains { $0.address >> 12 == from })
  }

  @Test(arguments: [0, 2]) func eachFunctionHasItsOwn(function: Int) throws {
    let bench = try bench(function: function, virtualFunctions: 2)
    loop(bench, function: function)
    loop(bench, seed: 2, function: function)
    #expect(!requests(bench, 2).isEmpty)
    #expect(requests(bench, 2).allSatisfy { $0.requesterID == id(bench, function) })
    #expect(requests(bench, 1).allSatisfy { $0.requesterID == id(bench, function) })
  }

  @Test func withoutTheEnableBitNothingIsAskedOrTranslated() throws {
    let bench = try bench()
    loop(bench)
    try enable(bench, 0, 0)
    bench.fabric.resetMeasurements()
    loop(bench, seed: 2)
    #expect(requests(bench, 1).isEmpty && requests(bench, 2).isEmpty)
    // What was known is not known any more.
    try enable(bench, 0)
    loop(bench, seed: 3)
    #expect(requests(bench, 1).contains { $0.address >> 12 == Self.transmit })
  }

  @Test func aPageThatMayOnlyBeReadIsWrittenUntranslated() throws {
    let bench = try bench()
    bench.root.core.translations.map(
      Self.receive, to: TranslationEntry(page: 0x1800, isReadable: true, isWritable: false))
    bench.send(bench.messages(3))
    bench.send(bench.messages(3))
    // The table lets nothing be written there: refused, and the data are nowhere.
    #expect(bench.violations.contains(.unsupportedRequest))
    #expect(!requests(bench, 2).contains { $0.hasData && $0.address >> 12 == 0x1800 })
    #expect(bench.root.core.memory.bytes[0x180_0000..<0x180_0100].allSatisfy { $0 == 0 })
  }

  @Test func aPageThatIsNowhereIsNotKept() throws {
    let bench = try bench()
    bench.root.core.translations.map(
      Self.transmit, to: TranslationEntry(page: 0, isReadable: false, isWritable: false))
    bench.send(bench.messages(1))
    #expect(bench.exception()?.name == "E_F_AMI_RING_FAULT")
    // Once it is somewhere no invalidation tells of it: it is asked for again.
    bench.root.core.translations.unmap(Self.transmit)
    bench.fabric.resetMeasurements()
    bench.command("F_AMI_SW_ENABLE", ["AMI_SW_ID": 0])
    #expect(bench.receive() == bench.messages(1).inverted)
    #expect(requests(bench, 1).contains { $0.address >> 12 == Self.transmit })
  }

  @Test func addressSpacesHaveTranslationsOfTheirOwn() throws {
    let bench = try bench()
    let space = bench.unit.function.space
    bench.configure(bench.address, try #require(space.places[.processAddressSpace]) + 6, 2, 1)
    loop(bench)
    bench.command("F_AMI_SW_DISABLE", ["AMI_SW_ID": 0])
    bench.command("F_AMI_SW_CONFIGURE", ["AMI_SW_ID": 0, "PASID": 0x4321, "PASID_ENABLED": 1])
    bench.command("F_AMI_SW_ENABLE", ["AMI_SW_ID": 0])
    bench.fabric.resetMeasurements()
    loop(bench, seed: 2)
    loop(bench, seed: 3)
    let asked = requests(bench, 1).filter { $0.address >> 12 == Self.transmit }
    #expect(asked.map { $0.prefixes.processAddressSpace?.processAddressSpaceID } == [0x4321])
    let translated = requests(bench, 2)
    #expect(translated.contains { $0.address >> 12 == Self.transmit })
    #expect(translated.allSatisfy { $0.prefixes.isEmpty })
  }

  // MARK: Invalidation

  @Test(arguments: [false, true]) func whatIsInvalidatedIsAskedForAgain(isLarge: Bool) throws {
    let bench = try bench()
    loop(bench)
    bench.fabric.resetMeasurements()
    // S with three ones from bit 12 on: sixteen pages.
    let body = isLarge ? (Self.transmit & ~15) << 12 | 0x7000 | 0x800 : Self.transmit << 12
    try invalidate(bench, body)
    bench.run()
    #expect(completions(bench).count == 1)
    #expect(completions(bench).first?.dw3 == 1 << UInt32(Self.tag))
    loop(bench, seed: 2)
    let asked = Set(requests(bench, 1).map { $0.address >> 12 })
    #expect(asked.contains(Self.transmit))
    #expect(asked.contains(Self.receive) == isLarge)
  }

  @Test func anInvalidationIsCompleteOnceItsReadsAre() throws {
    let bench = try bench()
    loop(bench, 20)
    bench.fabric.resetMeasurements()
    // A read by the translation is on its way, and its completion is far behind the invalidate request.
    bench.send(bench.messages(20, seed: 2), runs: false)
    bench.run { requests(bench, 2).isEmpty }
    try invalidate(bench, Self.transmit << 12)
    bench.run { completions(bench).isEmpty }
    bench.run()
    let history = bench.fabric.history(ofLink: 0).ordered
    let answer = try #require(
      history.firstIndex { $0.header.kind == .message && $0.header.messageCode == .invalidateCompletion })
    let read = try #require(
      history.firstIndex { !$0.isDownstream && $0.header.kind == .memoryRead && $0.header.addressType == 2 })
    // Until all that the first read asks for has come.
    var due = history[read].header.lengthDW
    let last = try #require(
      history.indices.dropFirst(read).first { index in
        let header = history[index].header
        guard history[index].isDownstream, header.kind == .completionWithData,
          header.tag == history[read].header.tag
        else { return false }
        due -= header.lengthDW
        return due <= 0
      })
    #expect(read < answer && last < answer)
    #expect(bench.receive() == bench.messages(20, seed: 2).inverted)
  }

  private static let anyPage = InvalidatedRange(firstPage: transmit, count: 1)

  @Test func requestsThatMeetTheSameReadAreAllAnswered() throws {
    let bench = try bench()
    loop(bench, 20)
    bench.fabric.resetMeasurements()
    bench.send(bench.messages(20, seed: 2), runs: false)
    bench.run { requests(bench, 2).isEmpty }
    let tags = (0..<3).compactMap { _ in
      bench.root.invalidate(Self.anyPage, of: bench.address, in: &bench.fabric)
    }
    bench.run()
    #expect(tags.count == 3 && tags.allSatisfy { !bench.root.core.invalidations.isAwaited($0) })
  }

  @Test func aReadThatIsLostEndsTooInTheEnd() throws {
    let bench = try bench()
    loop(bench, 20)
    bench.fabric.resetMeasurements()
    bench.fabric.arm([
      LinkFault(
        .drop, on: [.init(link: 0, isDownstream: true)], match: .init(.tlps(.init(.completionWithData))),
        selection: .nth(1), seed: 1)
    ])
    bench.send(bench.messages(1, seed: 2), runs: false)
    bench.run { requests(bench, 2).isEmpty }
    let tag = try #require(bench.root.invalidate(Self.anyPage, of: bench.address, in: &bench.fabric))
    bench.run()
    #expect(bench.violations.contains(.completionTimeout))
    #expect(!bench.root.core.invalidations.isAwaited(tag))
    // The end of the read is what brings the answer, behind the error message: nothing else has to happen.
    let late = try #require(bench.fabric.findings.first { $0.violation == .completionTimeout }).time
    let answer = try #require(
      bench.fabric.history(ofLink: 0).ordered.first {
        $0.header.kind == .message && $0.header.messageCode == .invalidateCompletion
      })
    #expect(answer.time >= late && answer.time < late + .nanoseconds(20))
  }

  @Test func aRequestForATranslationThatIsLostMayBeRepeated() throws {
    let bench = try bench()
    bench.fabric.arm([
      LinkFault(
        .drop, on: [.init(link: 0, isDownstream: false)], match: .init(.tlps(.init(.memoryRead))),
        selection: .nth(1), seed: 1)
    ])
    loop(bench)
    #expect(requests(bench, 1).contains { $0.address >> 12 == Self.transmit })
    #expect(bench.violations == [.completionTimeout])
    bench.fabric.resetMeasurements()
    loop(bench, seed: 2)
    #expect(requests(bench, 1).contains { $0.address >> 12 == Self.transmit })
    bench.fabric.resetMeasurements()
    loop(bench, seed: 3)
    #expect(requests(bench, 2).contains { $0.address >> 12 == Self.transmit })
  }

  @Test func askingLeavesNothingBehind() throws {
    let bench = try bench()
    for seed in 1...3 { loop(bench, seed: UInt64(seed)) }
    let transfers = bench.unit.function.requester.transfers.count
    for seed in 4...20 {
      try invalidate(bench, 0x7fff_ffff_ffff_f800)
      loop(bench, seed: UInt64(seed))
    }
    #expect(bench.unit.function.requester.transfers.count < transfers + 8)
  }

  @Test func aPoisonedRequestForgetsNothing() throws {
    let bench = try bench()
    loop(bench)
    try invalidate(bench, Self.transmit << 12, isPoisoned: true)
    bench.run()
    #expect(completions(bench).isEmpty)
    #expect(bench.violations == [.poisonedTLP])
  }

  /// The root complex asks, and knows when the function has done so.
  @Test(arguments: [1, 2, 16] as [UInt64]) func theRootComplexAwaitsCompletions(count: UInt64) throws {
    let bench = try bench(function: 2, virtualFunctions: 2)
    loop(bench, function: 2)
    let first = Self.transmit & ~(count - 1)
    let tag = try #require(
      bench.root.invalidate(
        InvalidatedRange(firstPage: first, count: count), of: bench.virtualID(2), in: &bench.fabric))
    let next = try #require(
      bench.root.invalidate(
        InvalidatedRange(firstPage: 0, count: 1), of: bench.virtualID(2), in: &bench.fabric))
    #expect(tag != next)
    #expect(bench.root.core.invalidations.isAwaited(tag))
    bench.run()
    #expect(!bench.root.core.invalidations.isAwaited(tag) && !bench.root.core.invalidations.isAwaited(next))
    bench.fabric.resetMeasurements()
    loop(bench, seed: 2, function: 2)
    let asked = Set(requests(bench, 1).map { $0.address >> 12 })
    #expect(asked.contains(Self.transmit))
    #expect(asked.contains(Self.receive) == (first..<first + count).contains(Self.receive))
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func nobodyAnswersInTheNameOfAnother() {
    var awaited = AwaitedInvalidations()
    let (asked, other) = (FunctionAddress(rawValue: 0x102), FunctionAddress(rawValue: 0x103))
    func answer(_ function: FunctionAddress, _ tags: UInt32) {
      awaited.complete(.message(.invalidateCompletion, requester: function, dw2: 1, dw3: tags))
    }
    #expect((0..<32).map { _ in awaited.take(for: asked) } == (0..<32).map { UInt8($0) })
    #expect(awaited.take(for: asked) == nil)
    answer(other, .max)
    answer(asked, 0x8000_0002)
    #expect((0..<32).filter { !awaited.isAwaited($0) } == [1, 31])
    #expect(awaited.take(for: other) == 1)
    answer(asked, 2)
    #expect(awaited.isAwaited(1))
  }

  @Test func anInvalidateRequestOfAnotherLengthIsRefused() throws {
    let bench = try bench()
    try invalidate(bench, 0, bytes: 4)
    bench.run()
    #expect(completions(bench).isEmpty)
    #expect(!bench.violations.isEmpty)
  }

  // MARK: The translation agent

  @Test(arguments: [1, 2, 16, 17])
  func aTranslationRequestIsAnsweredOrRefused(lengthDW: Int) throws {
    let bench = try bench()
    let port = try #require(bench.unit.function.port)
    var header = TLPHeader.translationRequest(page: 0x1ffe, requester: bench.address, tag: 31)
    header.lengthDW = lengthDW
    if lengthDW == 1 { header.lastByteEnable = 0 }
    bench.fabric.resetMeasurements()
    bench.fabric.send(FabricTLP(header: header), from: port)
    bench.run()
    let answer = try #require(
      bench.fabric.history(ofLink: 0).ordered.first { $0.isDownstream }?.header)
    let isGood = lengthDW == 16 || lengthDW == 2
    #expect(answer.completionStatus == (isGood ? .successful : .unsupportedRequest))
    #expect(answer.hasData == isGood)
    if isGood { #expect(answer.byteCount == lengthDW * 4 && answer.lengthDW == lengthDW) }
  }

  @Test func pagesAPowerOfTwoApartAreKeptTogether() {
    var cache = TranslationCache()
    let keys =
      (0..<4).map { (page: UInt64(1) << UInt64(8 + $0), space: UInt32.max) }
      + [(page: 256, space: 1), (page: 256, space: 2)]
    for key in keys {
      cache.ask(key.page, key.space)
      cache.settle(
        key.page, key.space, TranslationEntry(page: key.page + 1, isReadable: true, isWritable: false))
    }
    for key in keys {
      guard case .translated(let page) = cache.answer(for: key.page, key.space, isWrite: false) else {
        Issue.record("page \(key.page) of space \(key.space) is not kept")
        continue
      }
      #expect(page == key.page + 1)
    }
  }

  @Test func entriesTellTheirRange() {
    var entry = TranslationEntry(page: 0x12345, isReadable: true, isWritable: false)
    #expect(entry.rawValue == 0x1234_5001)
    #expect(entry.page(of: 0x77) == 0x12345)
    // S, and one more one: four pages.
    entry.rawValue = 0x1234_4000 | 0x1000 | 0x800 | 3
    #expect(entry.page(of: 0x76) == 0x12346)
    #expect(entry.isReadable && entry.isWritable && !entry.isUntranslatedOnly)
    let all = InvalidatedRange(rawValue: 0x7fff_ffff_ffff_f800)
    #expect(all.contains(page: 0) && all.contains(page: 1 << 51))
    let four = InvalidatedRange(firstPage: 8, count: 4)
    #expect(
      four.rawValue == 0x9800 && (4..<16).allSatisfy { four.contains(page: $0) == (8..<12).contains($0) })
    #expect(InvalidatedRange(rawValue: .max).contains(page: 5))
    #expect(!InvalidatedRange(rawValue: 0x5000).contains(page: 4))
  }
}
