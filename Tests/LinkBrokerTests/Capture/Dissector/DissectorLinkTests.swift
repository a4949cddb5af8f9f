import LinkBroker
import PCIe
import Simulation
import Testing

/// tshark with our dissector against the frames that a real data link layer has sent.
@Suite(
  "The dissector, frame by frame", .enabled(if: Tshark.path != nil, "tshark is not installed"),
  .timeLimit(.minutes(10)))
struct DissectorLinkTests {
  static let names = [
    "pcie.direction", "pcie.seq", "pcie.dllp.type", "pcie.dllp.seq", "pcie.replayed", "pcie.lcrc.status",
    "pcie.dllp.crc.status", "pcie.ack_in", "pcie.ack_of", "pcie.completion_in", "pcie.request_in",
    "frame.number", "_ws.col.Info",
  ]

  /// A frame as the channel describes it.
  static func text(_ row: Tshark.Row) -> String {
    let isTLP = row["pcie.dllp.type"].isEmpty
    let sequence = isTLP ? row["pcie.seq"] : row["pcie.dllp.seq"]
    return (row["pcie.direction"] == "0" ? "down " : "up ") + (isTLP ? "TLP" : row["pcie.dllp.type"]) + " "
      + (sequence.isEmpty ? "0" : sequence) + (row["pcie.replayed"].isEmpty ? "" : " again")
  }

  @Test("frames with their sequence numbers, checks, replays and Acks are what the lanes have seen")
  func frames() throws {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.isDownstream, seen.name == "TLP", count == 2 { frame.check = .bad }
      guard !seen.isDownstream else { return }
      if seen.name == "TLP" { frame.check = .nullified }
      if seen.name == "UpdateFC-P" { frame.isDoubled = true }
    }
    var pair = Pair.dataLink(channel)
    pair.fabric.startCapture(CaptureSettings(interfaces: [CaptureTests.interface]))
    pair.sendWrites(1...3)
    let request = read(0x2000, bytes: 4, tag: 7)
    pair.send(request)
    pair.fabric.runUntilIdle()
    pair.send(
      .completionWithData(
        of: request, completer: DissectorRecordTests.device, address: 0x2000, bytes: 4, remainingBytes: 4),
      payload: [1, 2, 3, 4], from: pair.device)
    pair.fabric.runUntilIdle()
    let rows = try Tshark.rows(pair.endCapture().file, Self.names, twoPasses: true)
    // What is nullified is sent again at once, and what is doubled is there twice.
    let seen = channel.seen.flatMap { frame in
      let isTwice = !frame.isDownstream && ["TLP", "UpdateFC-P"].contains(frame.name)
      return Array(repeating: frame.description, count: isTwice ? 2 : 1)
    }
    #expect(rows.map(Self.text) == seen)
    let tlps = rows.filter { !$0["pcie.seq"].isEmpty }
    #expect(tlps.count { $0["pcie.lcrc.status"] == "0" } == 1)
    #expect(tlps.count { $0["pcie.lcrc.status"] == "3" } == 1)
    #expect(tlps.filter { !$0["pcie.replayed"].isEmpty }.allSatisfy { $0["pcie.lcrc.status"] == "1" })
    #expect(
      rows.filter { !$0["pcie.dllp.type"].isEmpty }.allSatisfy { $0["pcie.dllp.crc.status"] == "1" })
    // The last copy of each TLP has its Ack, and leads to it and back.
    for (key, copies) in Dictionary(grouping: tlps, by: { $0["pcie.direction"] + " " + $0["pcie.seq"] }) {
      let last = try #require(copies.last)
      let ack = try #require(rows.first { $0["frame.number"] == last["pcie.ack_in"] }, "\(key)")
      #expect(["Ack", "Nak"].contains(ack["pcie.dllp.type"]))
      #expect(ack["pcie.ack_of"].split(separator: ",").contains { $0 == last["frame.number"] })
      #expect(ack["pcie.direction"] != last["pcie.direction"])
    }
    // The request and its replay lead to the same completion.
    let asked = tlps.filter { $0["_ws.col.Info"].hasPrefix("MRd") }
    #expect(asked.count == 2 && Set(asked.map { $0["pcie.completion_in"] }).count == 1)
    let answers = tlps.filter { $0["_ws.col.Info"].hasPrefix("CplD") }
    #expect(answers.count == 2 && answers.allSatisfy { $0["pcie.request_in"] == asked[0]["frame.number"] })
  }
}
