import Foundation
import Testing

/// Captures as a user asks for them.
@Suite(.timeLimit(.minutes(5))) struct CaptureTests {
  /// One case that passes, one with a fault and seeds, one that fails at its second try too.
  private static let text = SuiteText.suite(
    "cap",
    """
    good:
      matrix: {length: [4B, 64B]}
      steps: [{mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: $length}}]
    fault:
      seeds: 2
      allow: [completion-timeout]
      faults: [{drop: {link: l0, tlp: CplD, nth: 1}}]
      steps: [{mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 64B, timeout: 50ms, expect: {status: timeout}}}]
    bad:
      retries: 1
      steps: [{mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 4B, expect: {status: UR}}}]
    """)

  private static let failed = ["0003-cap.bad.pcapng", "0003-cap.bad.try2.pcapng"]
  private static let all =
    [
      "0000-cap.good_length=4B.pcapng", "0001-cap.good_length=64B.pcapng", "0002-cap.fault.seed1.pcapng",
      "0002-cap.fault.seed2.pcapng",
    ] + failed

  private func folder() throws -> Folder {
    let folder = try Folder()
    try folder.write("Suites/cap.yaml", Self.text)
    return folder
  }

  /// The folder of the only run below a folder.
  private func run(_ folder: Folder, _ output: String = "harness-out") throws -> String {
    "\(output)/\(try #require(try folder.names(output).first))"
  }

  @Test func nothingIsCapturedUnlessAsked() throws {
    let folder = try folder()
    #expect(try Program.run("run", "Suites", in: folder).status == 1)
    #expect(try folder.names(run(folder)) == ["events.jsonl"])
  }

  @Test(arguments: [("failed", failed), ("all", all)])
  func keepsWhatIsAskedFor(choice: String, names: [String]) throws {
    let folder = try folder()
    let ending = try Program.run(
      "run", "Suites", "--capture", choice, "--junit", "r.xml", "--junit-attachments", in: folder)
    #expect(ending.status == 1 && ending.errors.isEmpty, "\(ending.errors)")
    let place = try run(folder)
    #expect(try folder.names("\(place)/captures") == names)
    #expect(ending.output.contains("    capture  \(place)/captures/0003-cap.bad.try2.pcapng\n"))
    #expect(
      ending.output.contains("  captures \(place)/captures, \(names.count) files\n"), "\(ending.output)")
    // GitLab's pattern, and a line of its own for Jenkins.
    let lines = try folder.text("r.xml").matches(of: /\n\[\[ATTACHMENT\|([^\[\]\|]+?)\]\]\n/).map {
      String($0.1)
    }
    #expect(lines == ["\(place)/captures/0003-cap.bad.try2.pcapng"])
  }

  @Test func sameBytesWithAnyNumberOfJobs() throws {
    let folder = try folder()
    for jobs in ["1", "2", "3"] {
      let line = [
        "run", "Suites", "--capture", "all", "--jobs", jobs, "--output", jobs, "--events", "e\(jobs)",
      ]
      #expect(try Program(line + ["--seed", "0x5eed"], in: folder).wait().status == 1)
    }
    let first = try run(folder, "1")
    for jobs in ["2", "3"] {
      #expect(try folder.text("e\(jobs)") == folder.text("e1"))
      let other = try run(folder, jobs)
      #expect(try folder.names("\(other)/captures") == Self.all)
      for name in Self.all {
        let bytes = FileManager.default.contents(atPath: "\(folder.path)/\(first)/captures/\(name)")
        #expect(bytes?.isEmpty == false)
        #expect(
          FileManager.default.contents(atPath: "\(folder.path)/\(other)/captures/\(name)") == bytes, "\(name)"
        )
      }
    }
    #expect(
      try folder.text("e1").contains(
        #"{"version":1,"kind":"capture","case":2,"time":"#))
  }

  @Test func aSnapLengthCutsPayloadsOnly() throws {
    let folder = try folder()
    for (output, more) in [("whole", []), ("cut", ["--capture-snaplen", "36"])] {
      let line = ["run", "Suites", "--case", "good[length=64B]", "--capture", "all", "--output", output]
      #expect(try Program(line + more, in: folder).wait().status == 0)
    }
    let sizes = try ["whole", "cut"].map { output in
      let path = "\(folder.path)/\(try run(folder, output))/captures/0000-cap.good_length=64B.pcapng"
      return try #require(FileManager.default.contents(atPath: path)).count
    }
    // 2 bytes of pseudo-header, 12 of header and 64 of payload become 36, and both are padded to four.
    #expect(sizes[0] - sizes[1] == 80 - 36)
  }

  @Test func aDiskThatTakesNoCaptureLeavesTheVerdicts() throws {
    // Blocks of 512 or of 1024 bytes, by the shell: the events fit into what no capture of these TLPs does.
    let text = SuiteText.suite(
      "big",
      """
      a: {steps: [{repeat: {times: 40, steps: [{mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 2KiB}}]}}]}
      b: {steps: [{repeat: {times: 40, steps: [{mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 2KiB}}]}}]}
      """)
    let folder = try Folder()
    try folder.write("s.yaml", text)
    let ending = try Program.shell("ulimit -f 80; $P run s.yaml --capture all", in: folder)
    #expect(ending.status == 70, "\(ending.output)\(ending.errors)")
    #expect(ending.output.contains("2 cases: 2 passed"), "\(ending.output)")
    #expect(
      ending.errors.contains("captures/000") && ending.errors.contains("File too large"), "\(ending.errors)")
    #expect(ending.errors.contains("error: 1 more captures could not be written"), "\(ending.errors)")
    #expect(try folder.names("\(run(folder))/captures") == [])
    let replayed = try Program.shell("$P replay harness-out/*/events.jsonl", in: folder)
    #expect(replayed.status == 70 && replayed.errors.contains("File too large"), "\(replayed.errors)")
  }

  @Test func aFullCaptureTellsWhatItLacks() throws {
    let folder = try Folder()
    try folder.write(
      "s.yaml",
      SuiteText.suite(
        "s",
        "a: {steps: [{repeat: {times: 800, steps: "
          + "[{mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 2KiB}}]}}]}"))
    let ending = try Program.run("run", "s.yaml", "--capture", "all", "--capture-limit", "1", in: folder)
    #expect(ending.status == 0, "\(ending.output)")
    #expect(
      ending.output.contains(
        /captures, 1 file, of which 1 lack \d+ earlier records; --capture-limit keeps more/))
    let events = try folder.text("\(run(folder))/events.jsonl")
    #expect(events.contains(/"kind":"capture",.*"records":\d+,"lost":\d+\}/), "\(events.suffix(1000))")
  }
}
