import PCIe
import Testing

@testable import Endpoints

/// What a root complex answers to translation requests, and which addresses it translates itself.
///
/// - Source: PCI Express Base 5.0, 10.2.2 "Translation Requests" and 10.2.3 "Translation Completion".
@Suite struct TranslationAgentTests {
  private func entries(_ bench: RootComplexBench, page: UInt64, lengthDW: Int) -> [TranslationEntry]? {
    var header = TLPHeader.translationRequest(
      page: page, requester: RootComplexBench.deviceID(0), tag: 3)
    header.lengthDW = lengthDW
    bench.send(header)
    guard let answer = bench.devices[0].arrivals.last, answer.header.completionStatus == .successful else {
      return nil
    }
    #expect(bench.devices[0].arrivals.count == 1 && answer.header.tag == 3)
    #expect(answer.header.lowerAddress == 0 && answer.header.byteCount == lengthDW * 4)
    return stride(from: 0, to: answer.payload.count, by: 8).map { place in
      TranslationEntry(rawValue: answer.payload[place..<place + 8].reduce(0) { $0 << 8 | UInt64($1) })
    }
  }

  @Test func eachPageHasItsEntryInOrder() throws {
    let bench = RootComplexBench()
    bench.root.core.translations.map(
      0xd, to: TranslationEntry(page: 0x123, isReadable: true, isWritable: false))
    let told = try #require(entries(bench, page: 0xc, lengthDW: 10))
    // Host memory ends with page 0xf.
    #expect(told.map(\.rawValue) == [0xc003, 0x12_3001, 0xe003, 0xf003, 0])
  }

  @Test(arguments: [16, 18, 64]) func noMoreIsAskedForThanACompletionHolds(lengthDW: Int) {
    let answer = entries(RootComplexBench(), page: 0, lengthDW: lengthDW)
    #expect(answer?.count == (lengthDW == 16 ? 8 : nil))
  }

  @Test func whatIsTranslatedIsNotTranslatedAgain() {
    let bench = RootComplexBench()
    bench.root.core.translations.map(
      0x2, to: TranslationEntry(page: 0x5, isReadable: true, isWritable: true))
    bench.writeUp(0x2000, [1, 2, 3, 4])
    var header = TLPHeader.memoryWrite(address: 0x2000, bytes: 4, requester: RootComplexBench.deviceID(0))
    header.addressType = TLPHeader.translatedType
    bench.send(header, [5, 6, 7, 8])
    #expect(Array(bench.root.core.memory.bytes[0x5000..<0x5004]) == [1, 2, 3, 4])
    #expect(Array(bench.root.core.memory.bytes[0x2000..<0x2004]) == [5, 6, 7, 8])
  }

  @Test func interruptsArriveWhateverTheTableSays() {
    let bench = RootComplexBench()
    bench.root.core.translations.map(
      InterruptTarget.address >> 12, to: TranslationEntry(page: 0, isReadable: false, isWritable: false))
    let first = bench.root.core.interrupts.allocate(
      function: RootComplexBench.deviceID(0), kind: .msix, vectors: 1)
    bench.writeUp(InterruptTarget.address, [UInt8(first), 0, 0, 0])
    #expect(bench.root.core.interrupts.msixCount == 1)
    #expect(bench.violations.isEmpty)
  }
}
