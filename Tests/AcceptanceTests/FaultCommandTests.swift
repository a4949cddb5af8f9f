import Foundation
import Testing

/// The catalogue of faults and the coverage of runs, as a user prints them.
@Suite(.timeLimit(.minutes(5))) struct FaultCommandTests {
  private func folder() throws -> Folder {
    let folder = try Folder()
    try folder.write(
      "Suites/f.yaml",
      """
      format: 1
      suite: f
      topology:
        nodes: {rc: {model: root-complex}, mem: {model: memory-mock}}
        links: {l0: {upstream: rc, downstream: mem}}
      cases:
        lost:
          faults: [{drop: {link: l0, tlp: CplD, nth: 1}}]
          allow: [completion-timeout]
          steps:
            - mem_read: {by: rc, from: mem.bar0, offset: 0x0, length: 4B, timeout: 1ms, expect: {status: timeout}}
        reset:
          steps: [{reset: {link: l0, kind: hot}}]
      """)
    return folder
  }

  @Test func fitsEightyColumns() throws {
    let program = try Program(
      ["faults", "--fault", "cpl.t*", "--fault", "link.hot_reset", "--fault", "tlp.poison_wr"], in: folder(),
      environment: ["COLUMNS": "80"])
    let ending = try program.wait()
    #expect(ending.status == 0 && ending.errors.isEmpty)
    #expect(
      ending.output == """
        fault           built  AER bits          reaction

        link
        link.hot_reset  yes    port-above: may   hot reset from above (6.6.1, 2.9.1)
                               U20, C13(U20)     R defaults, sticky bits kept; quiet 100
                               requester: may    ms, may answer RRS for 1 s
                               U14               T port ends outstanding requests with
                                                 UR
                                                 in: f (reset)

        transaction
        tlp.poison_wr   yes    completer: U12    memory write with EP (2.7.2.2,
                               or C13(U12)       6.2.3.2.4.3)
                               forwarder:        R does not use the data; control
                               C13(U12)          registers keep their value

        completion
        cpl.timeout     yes    requester: U14    completion never comes (2.8, 2.3.2,
                               or C13(U14), may  6.2.3.2.4.4)
                               C13(U16), U18     T times out; the tag is not used again
                                                 at once
                                                 in: f (lost)

        3 kinds, 3 that this version can bring about, 2 in the suites. R: what the
        receiver or completer must do, T: what the transmitter or requester must do. U
        and C are bits of the Uncorrectable and Correctable Error Status registers.
        C13(U20): Advisory Non-Fatal, and U20 besides where that is not masked; with a
        star U20 alone for a posted request. Sections are those of PCI Express Base 5.0.

        """)
  }

  @Test(arguments: [80, 120]) func theWholeCatalogueFits(columns: Int) throws {
    let ending = try Program(["faults"], in: folder(), environment: ["COLUMNS": "\(columns)"]).wait()
    #expect(ending.status == 0)
    let lines = ending.output.split(separator: "\n")
    #expect(lines.count > 200)
    #expect(lines.allSatisfy { $0.count <= columns }, "\(lines.filter { $0.count > columns })")
    for id in [
      "phy.rx_error", "dll.lcrc", "fc.starve", "tlp.poison_wr", "cpl.reorder_in", "irq.lost", "random",
    ] {
      #expect(lines.contains { $0.hasPrefix(id + " ") }, "\(id)")
    }
  }

  @Test func tellsProgramsToo() throws {
    let ending = try Program.run("faults", "--format", "json", "--fault", "cpl.timeout", in: folder())
    let object = try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any]
    let rows = object?["faults"] as? [[String: Any]]
    #expect(rows?.count == 1)
    #expect(rows?[0]["state"] as? String == "built")
    let suites = rows?[0]["suites"] as? [[String: Any]]
    #expect(suites?.count == 1)
    #expect(suites?[0]["cases"] as? [String] == ["lost"])
  }

  @Test func withoutSuitesThereAreNone() throws {
    let ending = try Program.run("faults", "--fault", "cpl.timeout", in: Folder())
    #expect(ending.status == 0)
    #expect(!ending.output.contains("  in: "))
  }

  @Test func refusesUnknownKindsAndBrokenSuites() throws {
    let unknown = try Program.run("faults", "--fault", "cpl.timeot", in: folder())
    #expect(unknown.status == 64)
    #expect(
      unknown.errors
        == "error: no fault is named 'cpl.timeot'; did you mean 'cpl.timeout'?   [cli.no-such-fault]\n")
    let folder = try folder()
    try folder.write("broken.yaml", "format: 1\n")
    #expect(try Program.run("faults", "broken.yaml", in: folder).status == 65)
    #expect(try Program.run("faults", "nowhere.yaml", in: folder).status == 64)
  }

  @Test func coverageAddsUpInAnyOrder() throws {
    let folder = try folder()
    let run = ["run", "Suites/f.yaml", "--seed", "0x1", "--events"]
    let one = try Program(run + ["1.jsonl", "--case", "lost", "--coverage"], in: folder).wait()
    #expect(one.status == 0, "\(one.output)\(one.errors)")
    #expect(
      one.output.contains(
        """

        fault coverage
        fault        outcome   CplD  all
        cpl.timeout  reported     1    1

        """), "\(one.output)")
    _ = try Program(run + ["2.jsonl", "--case", "reset"], in: folder).wait()
    let forward = try Program.run("coverage", "1.jsonl", "2.jsonl", "1.jsonl", in: folder)
    let backward = try Program.run("coverage", "1.jsonl", "1.jsonl", "2.jsonl", in: folder)
    #expect(forward.status == 0)
    #expect(forward.output == backward.output)
    #expect(forward.output.contains("cpl.timeout  reported     2    2\n"))
    #expect(forward.output.contains("1 of "))
    let json = try Program.run("coverage", "1.jsonl", "--format", "json", in: folder)
    #expect(
      json.output
        == #"{"version":1,"cells":[{"fault":"cpl.timeout","tlp":"CplD","outcome":"reported","count":1}]}"#
        + "\n")
  }

  @Test func coverageRefusesWhatIsNoRecord() throws {
    let folder = try folder()
    #expect(try Program.run("coverage", "nowhere.jsonl", in: folder).status == 64)
    try folder.write("bad.jsonl", "{\n")
    let bad = try Program.run("coverage", "bad.jsonl", in: folder)
    #expect(bad.status == 65)
    #expect(bad.errors.contains("[events.bad-line]"))
  }
}
