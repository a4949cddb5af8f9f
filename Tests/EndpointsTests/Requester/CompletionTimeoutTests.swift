import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

/// Requests whose completions come too late, or never.
///
/// - Source: PCI Express Base 5.0, 2.8 "Completion Timeout Mechanism".
struct CompletionTimeoutTests {
  @Test func silence() {
    let bench = RequesterBench()
    let operation = bench.read(0x1000, 4, timeout: .milliseconds(2))
    bench.fabric.run(until: VirtualTime.zero + .microseconds(1_999))
    #expect(bench.status(operation) == nil)
    bench.fabric.run(until: VirtualTime.zero + .milliseconds(2))
    #expect(bench.status(operation) == .timeout)
    #expect(bench.expiries.map(\.endsTransfer) == [true])
    #expect(bench.expiries.map(\.tag) == [bench.requests[0].tag])
    #expect(bench.requester.timeoutCount == 1)
    #expect(bench.requester.outstandingCount == 0)
  }

  @Test func limitOfTheRequesterWithoutAnOwnOne() {
    let bench = RequesterBench()
    bench.requester.limits.completionTimeout = .milliseconds(10)
    let operation = bench.read(0x1000, 4)
    bench.fabric.run(until: VirtualTime.zero + .milliseconds(9))
    #expect(bench.status(operation) == nil)
    bench.fabric.run(until: VirtualTime.zero + .milliseconds(10))
    #expect(bench.status(operation) == .timeout)
  }

  @Test func partIsNotSuccess() {
    let bench = RequesterBench()
    let operation = bench.read(0x1000, 256, timeout: .milliseconds(1))
    bench.answer(bench.requests[0], from: 0, count: 128)
    bench.fabric.runUntilIdle()
    #expect(bench.status(operation) == .timeout)
  }

  @Test func oneOfSeveralRequests() {
    let bench = RequesterBench()
    let operation = bench.read(0x1000, 1024, timeout: .milliseconds(1))
    bench.answer(bench.requests[1])
    bench.fabric.runUntilIdle()
    #expect(bench.status(operation) == .timeout)
    #expect(bench.requester.timeoutCount == 1)
  }

  @Test func lateCompletionIsUnexpectedAndItsTagNotYetUsedAgain() {
    let bench = RequesterBench()
    let operation = bench.read(0x1000, 4, timeout: .microseconds(200))
    bench.fabric.runUntilIdle()
    #expect(bench.status(operation) == .timeout)
    let next = bench.read(0x2000, 4)
    #expect(bench.requests[1].tag != bench.requests[0].tag)
    bench.answer(bench.requests[0])
    #expect(bench.outcomes == [.unexpected(.tag(bench.requests[0].tag))])
    #expect(bench.data(operation) == [0, 0, 0, 0])
    bench.answer(bench.requests[1])
    #expect(bench.status(next) == .successful)
    #expect(bench.data(next) == RequesterBench.bytes(0x2000, 4))
  }

  @Test func shorterLimitThatComesLaterRunsOutFirst() {
    let bench = RequesterBench()
    let long = bench.read(0x1000, 4, timeout: .milliseconds(5))
    let short = bench.read(0x2000, 4, timeout: .milliseconds(1))
    bench.fabric.run(until: VirtualTime.zero + .milliseconds(2))
    #expect((bench.status(long), bench.status(short)) == (nil, .timeout))
    bench.fabric.run(until: VirtualTime.zero + .milliseconds(5))
    #expect(bench.status(long) == .timeout)
  }

  @Test func whatWaitsForATagIsSentWhenOneRunsOut() {
    let bench = RequesterBench(tagCount: 1)
    _ = bench.read(0x1000, 4, timeout: .milliseconds(1))
    let second = bench.read(0x2000, 4, timeout: .milliseconds(1))
    #expect(bench.requests.count == 1)
    bench.fabric.run(until: bench.fabric.now + .milliseconds(1))
    bench.settle()
    #expect(bench.requests.count == 2)
    bench.answer(bench.requests[1])
    #expect(bench.status(second) == .successful)
    // With the answer the checker of the link has nothing against the tag that is used again.
    #expect(bench.fabric.findings.isEmpty)
  }

  @Test func resetForgetsEverything() {
    let bench = RequesterBench(tagCount: 2)
    let first = bench.read(0x1000, 2048)
    let second = bench.read(0x3000, 4)
    bench.requester.reset(in: &bench.fabric)
    #expect((bench.status(first), bench.status(second)) == (.timeout, .timeout))
    #expect(bench.requester.outstandingCount == 0)
    bench.answer(bench.requests[0])
    #expect(bench.outcomes == [.unexpected(.tag(bench.requests[0].tag))])
    bench.fabric.runUntilIdle()
    #expect(bench.expiries.isEmpty)
  }
}
