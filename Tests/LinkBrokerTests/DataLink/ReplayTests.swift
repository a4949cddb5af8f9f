import LinkBroker
import PCIe
import Simulation
import Testing

@Suite("Ack, Nak and replay")
struct ReplayTests {
  @Test("without faults every TLP crosses once, and one Ack covers many")
  func quiet() {
    let channel = ScriptedChannel()
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...20)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == Array(1...20))
    #expect(channel.trace(down: true).count == 20)
    #expect(pair.counters(down: false).acks < 6)
    #expect(
      channel.trace(down: false).last == "up UpdateFC-P 0" || channel.trace(down: false).last == "up Ack 19")
    #expect(pair.fabric.findings.isEmpty)
    #expect(pair.fabric.payloads.used == 0)
    let initial = CreditPool.advertised(
      for: pair.fabric.configuration(ofLink: 0), infiniteCompletions: true)
    let left = pair.fabric.credits(ofLink: 0, downstream: true)
    #expect(left.posted.headers == min(127, initial.posted.headers))
    #expect(left.nonPosted == initial.nonPosted)
    #expect(left.completion.isInfinite)
  }

  @Test("a wrong LCRC is answered by one Nak, and all that is not acknowledged comes again in order")
  func wrongLCRC() {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == "TLP", count == 2 { frame.check = .bad }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...5)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == [1, 2, 3, 4, 5])
    #expect(
      channel.trace(down: true) == [
        "down TLP 0", "down TLP 1", "down TLP 2", "down TLP 3", "down TLP 4", "down TLP 1 again",
        "down TLP 2 again", "down TLP 3 again", "down TLP 4 again",
      ])
    #expect(pair.counters(down: false).naks == 1)
    #expect(pair.counters(down: true).replays == 1)
    // What follows a bad TLP is out of sequence, and not worth a word until the replay comes.
    #expect(pair.device.detected == [.badTLP])
    #expect(pair.root.detected.isEmpty)
    #expect(pair.fabric.payloads.used == 0)
  }

  @Test(
    "each check of a TLP",
    arguments: [
      (LinkFrame.Check.bad, 1, 1), (.endBad, 1, 1), (.nullified, 0, 0), (.good, 0, 0),
    ])
  func checks(check: LinkFrame.Check, bad: Int, naks: UInt64) {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == "TLP", count == 1 { frame.check = check }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...1)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == [1])
    #expect(pair.device.detected == Array(repeating: .badTLP, count: bad))
    #expect(pair.counters(down: false).naks == naks)
    #expect(pair.counters(down: true).replays == naks)
    #expect(pair.fabric.payloads.used == 0)
  }

  @Test("a duplicate is dropped and acknowledged again")
  func duplicate() {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == "TLP", count == 1 { frame.isDoubled = true }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...2)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == [1, 2])
    #expect(channel.trace(down: false).first == "up Ack 0")
    #expect(pair.fabric.findings.isEmpty)
    #expect(pair.fabric.payloads.used == 0)
  }

  @Test("a sequence number ahead of the expected one is a Bad TLP", arguments: [1, 5, 2047])
  func ahead(by distance: UInt16) {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == "TLP", count == 1 { frame.sequence += distance }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...1)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == [1])
    #expect(pair.device.detected == [.badTLP])
    #expect(channel.trace(down: false).first == "up Nak 4095")
    #expect(channel.trace(down: true) == ["down TLP 0", "down TLP 0 again"])
  }

  @Test("half the numbers count as duplicates")
  func behind() {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == "TLP", count == 1 { frame.sequence = 0x800 }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...1)
    pair.fabric.runUntilIdle()
    // (0 - 0x800) modulo 4096 is 2048: a duplicate, so no Nak comes and REPLAY_TIMER must help.
    #expect(pair.numbers == [1])
    #expect(pair.device.detected.isEmpty)
    #expect(pair.root.detected == [.replayTimeout])
  }

  @Test("a lost Ack is covered by a later one")
  func lostAck() {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == "Ack", count == 1 { frame.isLost = true }
    }
    var pair = Pair.dataLink(channel)
    pair.send(write(0), payload: [1, 0, 0, 0])
    pair.fabric.run(until: VirtualTime.zero + .microseconds(3))
    pair.send(write(0), payload: [2, 0, 0, 0])
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == [1, 2])
    #expect(pair.root.detected.isEmpty)
    #expect(pair.counters(down: true).replays == 0)
  }

  @Test("without any Ack REPLAY_TIMER begins a replay, the fourth trains the link anew")
  func blockedAcks() {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == "Ack", count <= 4 { frame.isLost = true }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...1)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == [1])
    #expect(
      pair.root.detected == [
        .replayTimeout, .replayTimeout, .replayTimeout, .replayTimeout, .replayRollover,
      ])
    #expect(pair.counters(down: true).retrains == 1)
    #expect(pair.counters(down: true).replays == 4)
    #expect(pair.device.detected.isEmpty)
    #expect(pair.device.changes.isEmpty)
    #expect(pair.fabric.payloads.used == 0)
  }

  @Test("the fourth Nak in a row rolls REPLAY_NUM over; the buffer is kept")
  func nakStorm() {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == "TLP", count <= 4 { frame.isRefused = true }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...1)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == [1])
    #expect(pair.root.detected == [.replayRollover])
    #expect(pair.device.detected.isEmpty)
    #expect(pair.counters(down: false).naks == 4)
    #expect(pair.counters(down: true).retrains == 1)
  }

  @Test("three replays in a row are no reason to train the link anew")
  func threeNaks() {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == "TLP", count <= 3 { frame.isRefused = true }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...1)
    pair.fabric.runUntilIdle()
    #expect(pair.root.detected.isEmpty)
    #expect(pair.counters(down: true).retrains == 0)
    #expect(pair.counters(down: true).replays == 3)
  }

  @Test("an Ack for a TLP that was never sent is a Data Link Protocol Error", arguments: [1, 100, 0xffe])
  func strangeAck(sequence: UInt16) {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == "Ack", count == 1 { frame.dllp = DLLP.ack(sequence: sequence).word }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...1)
    pair.fabric.runUntilIdle()
    #expect(pair.root.detected == [.dataLinkProtocol, .replayTimeout])
    #expect(pair.numbers == [1])
    #expect(pair.fabric.payloads.used == 0)
  }

  @Test("a second Ack for the last TLP is no error")
  func repeatedAck() {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == "Ack" { frame.isDoubled = true }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...3)
    pair.fabric.runUntilIdle()
    #expect(pair.fabric.findings.isEmpty)
  }

  @Test("a DLLP with a wrong CRC is a Bad DLLP and does nothing")
  func wrongDLLP() {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == "Ack", count == 1 { frame.check = .bad }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...1)
    pair.fabric.runUntilIdle()
    #expect(pair.root.detected == [.badDLLP, .replayTimeout])
    #expect(pair.counters(down: false).badDLLPs == 1)
    #expect(pair.numbers == [1])
  }

  @Test("a DLLP of an undefined type is dropped without a word")
  func undefinedDLLP() {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == "Ack", count == 1 { frame.dllp = 0x7700_0000 }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...1)
    pair.fabric.runUntilIdle()
    #expect(pair.root.detected == [.replayTimeout])
  }
}
