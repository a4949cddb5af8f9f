import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

/// What becomes of commands whose reads are under way when something else happens.
@Suite struct NVMeInterruptionTests {
  typealias Command = NVMeHost.Command

  /// A host with a write under way, of which so many reads have been answered; the others wait.
  private func host(afterReads reads: Int, blocks: Int = 1) throws -> NVMeHost {
    var host = try NVMeHost()
    host.enable()
    host.createQueues(1)
    host.fill(0x5a, blocks: blocks)
    let pages = host.pages(NVMeHost.data, blocks * 512, list: 0x7_8000)
    host.put(Command(opcode: 1, namespace: 1, pages: pages, words: [0, 0, UInt32(blocks - 1)]), in: 1)
    host.bench.host.failsAfter = (reads, .hold)
    host.sendDoorbell(1, 1)
    host.run()
    return host
  }

  enum Reset: CaseIterable {
    case controller, function, link
  }

  /// The reads before the one that waits: none of the fetch, of the list, of the data.
  @Test(arguments: Reset.allCases, [(0, 1), (1, 64), (1, 1), (2, 64)])
  func aResetForgetsReadsUnderWay(reset: Reset, command: (reads: Int, blocks: Int)) throws {
    var host = try host(afterReads: command.reads, blocks: command.blocks)
    switch reset {
    case .controller: host.send(NVMeRegister.configuration, 0x0046_0000)
    case .function:
      let express = try #require(host.bench.function.space.places.express)
      host.bench.send(
        .configurationWrite(
          to: FunctionAddress(rawValue: 0x100), offset: express + 8, bytes: 4,
          requester: DeviceBench<NVMeController>.hostID, tag: 0x1f), [0x30, 0xa8, 0, 0])
    case .link:
      host.bench.fabric.takeDown(link: 0, .hotReset)
      host.run()
      host.bench.fabric.bringUp(link: 0)
    }
    host.run()
    // A controller reset leaves the function's reads alone, and so keeps their place.
    let kept = reset == .controller ? 1 : 0
    #expect(host.bench.device.core.slots.available == CommandSlots.count - kept)
    let late = host.bench.host.release(in: &host.bench.fabric)
    #expect(late > 0)
    host.bench.fabric.runUntilIdle()
    if reset != .controller { host.bench.setUp() }
    #expect(host.bench.device.core.slots.available == CommandSlots.count)
    host.enable()
    host.createQueues(1)
    host.fill(0, blocks: 1)
    let status = host.transfer(2, first: 0, blocks: 1)
    let data = host.bench.host.memory[Int(NVMeHost.data)]
    #expect(status == 0 && data == 0, "nothing of the write has come")
    #expect(host.take(1).isEmpty)
    #expect(host.bench.fabric.payloads.used == 0)
  }

  @Test func commandsThatWereBeingFetchedAreNotThoseOfTheNextQueue() throws {
    var host = try NVMeHost()
    host.enable()
    host.put(Command(opcode: 6, pages: (NVMeHost.data, 0), words: [1]))
    host.bench.host.failsAfter = (0, .hold)
    host.sendDoorbell(0, 1)
    host.run()
    for settings: UInt32 in [0x0046_0000, 0x0046_0001] { host.send(NVMeRegister.configuration, settings) }
    host.run()
    let late = host.bench.host.release(in: &host.bench.fabric)
    host.bench.fabric.runUntilIdle()
    let completed = host.take()
    #expect(late == 1 && completed.isEmpty)
    #expect(host.bench.device.core.slots.available == CommandSlots.count)
  }

  @Test func nothingGoesOnAfterTheEndOfTheController() throws {
    var host = try host(afterReads: 1)
    host.bench.host.failsAfter = nil
    host.bench.host.answer = .status(.unsupportedRequest)
    host.put(Command(opcode: 0, namespace: 1), in: 1)
    host.sendDoorbell(1, 2)
    host.run()
    let hasFailed = host.bench.device.hasFailed
    #expect(hasFailed)
    let late = host.bench.host.release(in: &host.bench.fabric)
    #expect(late == 1)
    host.bench.fabric.runUntilIdle()
    #expect(host.take(1).isEmpty)
    host.set(NVMeRegister.configuration, 0)
    host.enable()
    host.createQueues(1)
    host.fill(0, blocks: 1)
    let status = host.transfer(2, first: 0, blocks: 1)
    let data = host.bench.host.memory[Int(NVMeHost.data)]
    #expect(status == 0 && data == 0, "nothing of the write has come")
    #expect(host.bench.device.core.slots.available == CommandSlots.count)
  }

  /// More reads than tags: those that wait for one are told of, too.
  @Test func readsThatMayNotBeSentAnyMoreGiveTheirSlotBack() throws {
    var host = try host(afterReads: 2, blocks: 128)
    host.bench.send(
      .configurationWrite(
        to: FunctionAddress(rawValue: 0x100), offset: HeaderRegister.command, bytes: 2,
        requester: DeviceBench<NVMeController>.hostID, tag: 0x1f), [2, 0, 0, 0])
    host.run()
    host.bench.host.release(in: &host.bench.fabric)
    host.bench.fabric.runUntilIdle()
    let hasFailed = host.bench.device.hasFailed
    #expect(hasFailed, "it cannot say that the command has failed")
    host.bench.configurationWrite(HeaderRegister.command, 6)
    host.set(NVMeRegister.configuration, 0)
    host.enable()
    #expect(host.bench.device.core.slots.available == CommandSlots.count)
    host.createQueues(1)
    let status = host.transfer(1, first: 0, blocks: 128)
    #expect(status == 0)
  }

  /// Software may free its memory when CSTS.RDY is clear: 7.3.2.
  @Test func theControllerIsReadyUntilItsReadsHaveEndedAndAsksForNoMore() throws {
    var host = try host(afterReads: 2, blocks: 128)
    let requests = host.bench.function.requester.requestCount
    host.send(NVMeRegister.configuration, 0x0046_0000)
    host.run()
    let before = host.bench.device.core.registers.status
    #expect(before == .ready)
    host.bench.host.release(in: &host.bench.fabric)
    host.bench.fabric.runUntilIdle()
    let after = host.bench.device.core.registers.status
    #expect(after == [])
    #expect(host.bench.function.requester.requestCount == requests)
  }

  /// Software may free a queue's memory when its deletion has completed: 5.6.
  @Test func aDeletionCompletesWhenNothingIsReadForTheQueueAnyMore() throws {
    var host = try host(afterReads: 2, blocks: 128)
    host.bench.host.failsAfter = nil
    host.put(Command(opcode: 0, words: [1]))
    host.sendDoorbell(0, 3)
    host.run()
    let early = host.take().map(\.status)
    #expect(early.isEmpty)
    host.bench.host.release(in: &host.bench.fabric)
    host.bench.fabric.runUntilIdle()
    let late = host.take().map(\.status)
    #expect(late == [0])
    let ofQueue = host.take(1)
    #expect(ofQueue.isEmpty)
    #expect(host.bench.device.core.slots.available == CommandSlots.count)
  }

  @Test func aShutdownIsCompleteWhenCommandsHaveEnded() throws {
    var host = try host(afterReads: 1)
    host.send(NVMeRegister.configuration, 0x0046_4001)
    host.put(Command(opcode: 0, namespace: 1), in: 1)
    host.sendDoorbell(1, 2)
    host.run()
    let before = host.bench.device.core.registers.status
    #expect(before == [.ready, .shutdownOccurring])
    host.bench.host.release(in: &host.bench.fabric)
    host.bench.fabric.runUntilIdle()
    let after = host.bench.device.core.registers.status
    #expect(after == [.ready, .shutdownComplete])
    let completed = host.take(1).map(\.status)
    #expect(completed == [0], "what came later is not fetched")
    host.send(NVMeRegister.configuration, 0)
    host.bench.fabric.runUntilIdle()
    let anew = host.enable()
    #expect(anew == 1, "a new start has nothing of it")
  }

  @Test func pagesThatFollowEachOtherAreOneRead() throws {
    let host = try host(afterReads: 2, blocks: 64)
    let pieces = host.bench.device.core.transfers.underWay
    #expect(pieces == 2, "32 KiB in pieces of 16 KiB")
  }

  @Test func aTailNeverGoesBack() throws {
    var host = try NVMeHost()
    host.enable()
    host.createQueues(1)
    for _ in 0..<3 { host.put(Command(opcode: 0, namespace: 1), in: 1) }
    host.bench.host.failsAfter = (0, .hold)
    host.sendDoorbell(1, 3)
    host.run()
    host.sendDoorbell(1, 1)
    host.run()
    host.bench.host.release(in: &host.bench.fabric)
    host.bench.fabric.runUntilIdle()
    let statuses = host.take(1).map(\.status)
    #expect(statuses == [0, 0, 0])
  }
}

extension NVMeHost {
  /// Lets happen what takes no longer than an answer.
  fileprivate mutating func run() {
    bench.fabric.run(until: bench.fabric.now + VirtualDuration.microseconds(100))
  }

  fileprivate mutating func fill(_ byte: UInt8, blocks: Int) {
    let start = Int(Self.data)
    bench.host.memory.replaceSubrange(
      start..<start + blocks * 512, with: repeatElement(byte, count: blocks * 512))
  }
}
