import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

/// How a requester puts completions together, and which it does not take.
struct ReassemblyTests {
  @Test func piecesOfOneRequest() throws {
    let bench = RequesterBench()
    let operation = bench.read(0x103, 300)
    let request = try #require(bench.requests.first)
    bench.answer(request, from: 0, count: 61)
    #expect(bench.status(operation) == nil)
    bench.answer(request, from: 61, count: 128)
    bench.answer(request, from: 189)
    #expect(bench.status(operation) == .successful)
    #expect(bench.data(operation) == RequesterBench.bytes(0x103, 300))
    #expect(bench.outcomes == [.progress, .progress, .ended(operation)])
  }

  /// Completions of different requests may come in any order.
  @Test func requestsInReverse() {
    let bench = RequesterBench()
    let operation = bench.read(0x1001, 3000)
    for request in bench.requests.reversed() { bench.answer(request) }
    #expect(bench.status(operation) == .successful)
    #expect(bench.data(operation) == RequesterBench.bytes(0x1001, 3000))
    #expect(bench.requester.completionCount == UInt64(bench.requests.count))
  }

  @Test func transfersSideBySide() throws {
    let bench = RequesterBench()
    let first = bench.read(0x1000, 64)
    let second = bench.read(0x2000, 64)
    bench.answer(bench.requests[1])
    #expect((bench.status(first), bench.status(second)) == (nil, .successful))
    bench.answer(bench.requests[0])
    #expect(bench.data(first) == RequesterBench.bytes(0x1000, 64))
    #expect(bench.data(second) == RequesterBench.bytes(0x2000, 64))
  }

  @Test(arguments: [
    (CompletionStatus.unsupportedRequest, RequestStatus.unsupportedRequest),
    (.completerAbort, .completerAbort), (.requestRetry, .requestRetry),
  ])
  func errorEndsTheTransfer(sent: CompletionStatus, seen: RequestStatus) {
    let bench = RequesterBench()
    let operation = bench.read(0x1000, 600)
    bench.refuse(bench.requests[0], sent)
    #expect(bench.status(operation) == nil)
    bench.answer(bench.requests[1])
    #expect(bench.status(operation) == seen)
    #expect(bench.requester.outstandingCount == 0)
  }

  @Test func poisonedDataIsNotUsed() {
    let bench = RequesterBench()
    let operation = bench.read(0x1000, 8)
    bench.answer(bench.requests[0]) { $0.isPoisoned = true }
    #expect(bench.status(operation) == .poisoned)
    #expect(bench.data(operation) == [UInt8](repeating: 0, count: 8))
  }

  @Test func tagsRunOutAndComeBack() {
    let bench = RequesterBench(tagCount: 4)
    let operation = bench.read(0x1000, 512 * 6)
    #expect(bench.requests.count == 4)
    #expect(bench.requester.outstandingCount == 4)
    let waiting = bench.read(0x8000, 4)
    #expect(bench.requests.count == 4)
    bench.answer(bench.requests[2])
    #expect(bench.requests.count == 5)
    #expect(bench.requests[4].tag == bench.requests[2].tag)
    var next = 0
    while next < bench.requests.count {
      if next != 2 { bench.answer(bench.requests[next]) }
      next += 1
    }
    #expect(bench.status(operation) == .successful)
    #expect(bench.status(waiting) == .successful)
    #expect(bench.data(operation) == RequesterBench.bytes(0x1000, 512 * 6))
    #expect(bench.requests.count == 7)
    #expect(bench.fabric.findings.isEmpty)
  }

  @Test func tagIsUsedAgainAsLateAsPossible() {
    let bench = RequesterBench(tagCount: 8)
    for round in 0..<8 {
      _ = bench.read(UInt64(round) * 4, 4)
      bench.answer(bench.requests[round])
    }
    #expect(Set(bench.requests.map(\.tag)).count == 8)
  }

  /// What a completion has wrong, and the reason that the requester gives.
  static let misfits: [(String, @Sendable (inout TLPHeader) -> Void, UnexpectedCompletion)] = [
    ("tag", { $0.tag = 0x1f }, .tag(0x1f)),
    ("tag beyond the pool", { $0.tag = 0x3ff }, .tag(0x3ff)),
    ("byte count", { $0.byteCount = 60 }, .byteCount(tag: 0, seen: 60, due: 64)),
    ("lower address", { $0.lowerAddress = 4 }, .lowerAddress(tag: 0, seen: 4, due: 0)),
  ]

  @Test(arguments: misfits.indices) func misfitIsUnexpected(index: Int) {
    let (_, change, reason) = Self.misfits[index]
    let bench = RequesterBench()
    let operation = bench.read(0x1000, 64)
    bench.answer(bench.requests[0], change: change)
    #expect(bench.outcomes == [.unexpected(reason)])
    #expect(bench.status(operation) == nil)
    #expect(bench.data(operation).allSatisfy { $0 == 0 })
    #expect(!reason.description.isEmpty)
  }

  @Test func secondCompletionIsUnexpected() {
    let bench = RequesterBench()
    let operation = bench.read(0x1000, 4)
    bench.answer(bench.requests[0])
    bench.answer(bench.requests[0])
    #expect(bench.outcomes == [.ended(operation), .unexpected(.tag(bench.requests[0].tag))])
    #expect(bench.requester.completionCount == 1)
  }

  @Test func pieceThatComesTwiceIsUnexpected() {
    let bench = RequesterBench()
    _ = bench.read(0x1000, 256)
    bench.answer(bench.requests[0], from: 0, count: 128)
    bench.answer(bench.requests[0], from: 0, count: 128)
    #expect(bench.outcomes == [.progress, .unexpected(.byteCount(tag: 0, seen: 256, due: 128))])
  }

  @Test func dataForAWriteAndNoDataForARead() {
    let bench = RequesterBench()
    let target = RequesterBench.completer
    let write = bench.requester.beginConfigurationWrite(
      to: target, offset: 4, data: [6, 0], over: bench.port, in: &bench.fabric)
    let read = bench.read(0x1000, 4)
    bench.far.send(
      .completionWithWord(of: bench.requests[0], completer: target), [0, 0, 0, 0], in: &bench.fabric)
    bench.refuse(bench.requests[1], .successful)
    #expect(bench.outcomes == [.unexpected(.dataForWrite(tag: 0)), .unexpected(.noData(tag: 1))])
    #expect((bench.status(write), bench.status(read)) == (nil, nil))
  }
}
