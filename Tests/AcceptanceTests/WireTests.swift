import Foundation
import Testing

/// Captures in tshark, as a user opens them, against the events of the same run.
@Suite(
  .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/tshark"), "tshark is not installed"),
  .timeLimit(.minutes(5)))
struct WireTests {
  /// Each case fails at its last step, so that its events tell the last TLPs of its links.
  private static let text = """
    format: 1
    suite: wire
    topology:
      nodes:
        rc:  {model: root-complex, memory: 1MiB}
        sw:  {model: switch}
        mem: {model: memory-mock, bars: {bar0: 128B, bar1: {size: 4KiB, bits: 64, prefetchable: true}}, msix: 4}
      links:
        up:   {upstream: rc, downstream: sw, speed: 8GT/s, width: 4, max_payload: 256B}
        leaf: {upstream: sw, downstream: mem, speed: 8GT/s, width: 2, max_payload: 256B}
    cases:
      transaction:
        allow: [completion-timeout, poisoned-tlp, malformed-tlp, unexpected-completion]
        faults:
          - poison: {link: leaf, tlp: MWr, nth: 1}
          - corrupt: {link: leaf, tlp: MWr, nth: 2, field: type}
          - drop: {link: up, tlp: CplD, nth: 1}
          - duplicate: {link: leaf, tlp: CplD, nth: 2}
          - hang: {node: mem, after: 40ms, for: 1ms}
        steps:
          - mem_write: {by: rc, to: mem.bar1, offset: 0x10, data: {random: 64B}}
          - mem_write: {by: rc, to: mem.bar0, offset: 0x44, data: {random: 4B}}
          - mem_read:  {by: rc, from: mem.bar1, offset: 0x0, length: 32B, timeout: 20ms, expect: {status: timeout}}
          - mem_read:  {by: rc, from: mem.bar1, offset: 0x0, length: 32B}
          - cfg_read:  {by: rc, to: mem, offset: 0x0, size: 4, expect: {status: CA}}
      data-link:
        faults:
          - corrupt: {link: leaf, from: sw, layer: data-link, tlp: MWr, nth: 1, field: lcrc}
          - drop: {link: leaf, from: mem, layer: data-link, tlp: CplD, nth: 1}
          - corrupt: {link: leaf, from: sw, dllp: Ack, nth: 1, field: lcrc}
        steps:
          - mem_write: {by: rc, to: mem.bar1, offset: 0x10, data: {random: 64B}}
          - mem_read:  {by: rc, from: mem.bar1, offset: 0x0, length: 32B}
          - dma_read:  {by: mem, address: 0x1000, length: 16B, expect: {status: CA}}

    """

  private static let fields = [
    "frame.interface_name", "frame.time_epoch", "pcie.source", "pcie.destination", "pcie.direction",
    "pcie.layer", "pcie.tlp.type", "pcie.tlp.tag", "pcie.tlp.first_byte", "pcie.tlp.target",
    "pcie.cpl.status", "pcie.tlp.bytes", "pcie.replayed", "pcie.lost", "pcie.fault", "frame.comment",
    "_ws.col.Info",
  ]

  private struct Frame {
    let fields: [String: String]
    subscript(name: String) -> String { fields[name] ?? "" }
    /// On the clock of the case.
    var nanoseconds: Int { Int(self["frame.time_epoch"].filter { $0 != "." }) ?? -1 }
    var isFirstSendingOfTLP: Bool { self["pcie.layer"] != "2" && self["pcie.replayed"].isEmpty }

    /// What an event says of a TLP, in one line.
    var text: String {
      let isCompletion = self["pcie.tlp.type"].hasPrefix("Cpl")
      let hasTag = !["MWr", "Msg", ""].contains(self["pcie.tlp.type"])
      let tag = hasTag ? Int(self["pcie.tlp.tag"]).map { String($0) } ?? "?" : ""
      let address = UInt64(self["pcie.tlp.first_byte"].dropFirst(2), radix: 16)
      return [
        self["frame.interface_name"], "\(nanoseconds)", self["pcie.source"], self["pcie.destination"],
        self["pcie.tlp.type"], tag, isCompletion ? self["pcie.cpl.status"] : "",
        self["pcie.tlp.target"], address.map { String($0, radix: 16) } ?? "",
      ].joined(separator: " ")
    }
  }

  private static func text(_ event: [String: Any]) -> String {
    let mnemonic = event["mnemonic"] as? String ?? ""
    let address = event["address"] as? String ?? ""
    let statuses = ["SC": "0", "UR": "1", "RRS": "2", "CA": "4"]
    let isKnown = mnemonic != "TLP"
    return [
      event["link"] as? String ?? "", "\((event["time"] as? Int ?? 0) / 1000)",
      event["source"] as? String ?? "", event["target"] as? String ?? "", isKnown ? mnemonic : "",
      isKnown ? (event["tag"] as? String).flatMap { Int($0, radix: 16) }.map { String($0) } ?? "" : "",
      (event["status"] as? String).flatMap { statuses[$0] } ?? "",
      address.contains(":") ? String(address.prefix(7)) : "",
      address.contains(":")
        ? ""
        : UInt64(address.filter { $0 != "_" }.dropFirst(2), radix: 16).map { String($0, radix: 16) } ?? "",
    ].joined(separator: " ")
  }

  private struct Run {
    var events: [[String: Any]]
    var frames: [Frame]

    func events(_ kind: String) -> [[String: Any]] { events.filter { $0["kind"] as? String == kind } }
  }

  /// Runs a case with a capture and shows that to tshark.
  private func run(_ name: String, _ more: String = "") throws -> Run {
    let folder = try Folder()
    try folder.write("wire.yaml", Self.text)
    let ending = try Program.shell(
      "$P run wire.yaml --case \(name) --capture all \(more) --events e.jsonl --output o", in: folder)
    #expect(ending.status == 1, "\(ending.output)\(ending.errors)")
    let events = try folder.text("e.jsonl").split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    let wanted = Self.fields.map { "-e " + $0 }.joined(separator: " ")
    let shown = try Program.shell(
      "export HOME=$PWD LC_ALL=C.UTF-8 TZ=UTC; tshark -n -X lua_script:$($P dissector) "
        + "-r o/*/captures/*.pcapng -T fields \(wanted) 2>errors; grep -i lua errors >&2", in: folder)
    #expect(shown.errors.isEmpty, "\(shown.errors)")
    let frames = shown.output.split(separator: "\n").map { line in
      Frame(
        fields: Dictionary(
          uniqueKeysWithValues: zip(
            Self.fields, line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init))))
    }
    return Run(events: events, frames: frames)
  }

  /// Count, link, time, ends, direction, type, tag, status, target or address of each TLP.
  private func compare(_ run: Run) throws {
    let sent = run.frames.filter(\.isFirstSendingOfTLP)
    let ended = try #require(run.events("case-ended").first)
    #expect(ended["tlps"] as? Int == sent.count)
    #expect(run.events("capture").first?["records"] as? Int == run.frames.count)
    let links = (ended["failure"] as? [String: Any])?["links"] as? [[String: Any]] ?? []
    #expect(links.compactMap { $0["link"] as? String } == ["up", "leaf"])
    for link in links {
      let name = try #require(link["link"] as? String)
      let ours = sent.filter { $0["frame.interface_name"] == name }
      #expect(link["tlps"] as? Int == ours.count, "\(name)")
      let told = run.events("tlp").filter { $0["link"] as? String == name }
      #expect(!told.isEmpty)
      #expect(told.map(Self.text) == ours.suffix(told.count).map(\.text), "\(name)")
      for (event, frame) in zip(told, ours.suffix(told.count)) {
        // Faults below Ack and Nak strike frames, which only the capture shows.
        if event["fault"] != nil || frame["pcie.layer"] == "0" {
          #expect((event["fault"] == nil) == frame["pcie.fault"].isEmpty, "\(frame.text)")
        }
        let isDiscarded = (event["detail"] as? String)?.contains("discarded") ?? false
        #expect(
          !isDiscarded || !frame["pcie.lost"].isEmpty || !frame["frame.comment"].isEmpty, "\(frame.text)")
        let isDown = frame["pcie.source"] == (name == "up" ? "rc" : "sw")
        #expect(frame["pcie.direction"] == (isDown ? "0" : "1"), "\(frame.text)")
      }
    }
    // Each fault at its TLP or DLLP, with its kind and its line.
    let faults = run.events("fault")
    #expect(!faults.isEmpty)
    for fault in faults {
      let (id, line) = (fault["id"] as? String ?? "", fault["line"] as? Int ?? 0)
      let comment = "\(id), wire.yaml:\(line)"
      let named = run.frames.filter { $0["frame.comment"].contains(comment) }
      let time = (fault["time"] as? Int ?? 0) / 1000
      guard let link = fault["link"] as? String, fault["tlp"] != nil || fault["dllp"] != nil else {
        #expect(named.contains { $0["frame.comment"].contains("\(comment), at \(time) ns") }, "\(comment)")
        continue
      }
      #expect(
        named.contains {
          $0.nanoseconds == time && $0["frame.interface_name"] == link && !$0["pcie.fault"].isEmpty
            && $0["pcie.source"] == fault["source"] as? String
            && $0["_ws.col.Info"].contains("fault") && $0["_ws.col.Info"].contains(comment)
        }, "\(comment): \(named.map(\.fields))")
    }
  }

  @Test func transactionLayer() throws {
    let run = try run("transaction")
    try compare(run)
    #expect(Set(run.frames.map { $0["pcie.layer"] }) == ["0"])
  }

  @Test func dataLinkLayer() throws {
    let run = try run("data-link")
    try compare(run)
    // The other link has none: what is switched on is that of the rule's link.
    #expect(run.frames.allSatisfy { ($0["pcie.layer"] == "0") == ($0["frame.interface_name"] == "up") })
    #expect(run.frames.contains { !$0["pcie.replayed"].isEmpty && $0["pcie.tlp.type"] == "MWr" })
  }

  @Test func aSnapLengthHidesNoTLP() throws {
    for name in ["transaction", "data-link"] { try compare(run(name, "--capture-snaplen 36")) }
  }
}
