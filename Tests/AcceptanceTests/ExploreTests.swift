import Foundation
import Testing

/// `explore` as a user runs it.
@Suite(.timeLimit(.minutes(5))) struct ExploreTests {
  private static let suite = """
    format: 1
    suite: x
    topology:
      nodes:
        rc:  {model: root-complex, memory: 1MiB}
        mem: {model: memory-mock, msix: 2}
      links:
        l0: {upstream: rc, downstream: mem}
    cases:
      c: {steps: []}

    """

  private func run(_ arguments: String...) throws -> Program.Ending {
    let folder = try Folder()
    try folder.write("x.yaml", Self.suite)
    return try Program(["explore", "x.yaml"] + arguments, in: folder).wait()
  }

  @Test func oneSeedPrintsTheSameTwice() throws {
    let first = try run("--seeds", "5", "--seed", "0x1")
    #expect(first.status == 0 && first.output.contains("5 schedules, 0 failed; "), "\(first.output)")
    #expect(try run("--seeds", "5", "--seed", "0x1").output == first.output)
    #expect(first.errors.contains(" schedules a minute, "))
  }

  @Test func aBudgetEndsIt() throws {
    let ending = try run("--budget", "100ms", "--seed", "0x1", "--schedule", "swizzle")
    #expect(ending.status == 0 && ending.output.contains("strikes link.down "), "\(ending.output)")
  }

  @Test func aSwizzleTakesFaultsBesides() throws {
    let ending = try run(
      "--seeds", "12", "--seed", "0x1", "--schedule", "swizzle", "--faults", "tlp.delay,fc.starve")
    #expect(ending.status == 0, "\(ending.output)")
    for id in ["link.down ", "tlp.delay ", "fc.starve "] {
      #expect(ending.output.contains(id), "\(ending.output)")
    }
  }

  @Test func theFirstFailureIsKeptAndFailsAgain() throws {
    let folder = try Folder()
    // Memory space is off, so that every access ends in another way than the scenario expects.
    let off = "cfg_write: {by: rc, to: mem, offset: 0x4, size: 2, data: {bytes: 04 00}}"
    try folder.write("x.yaml", Self.suite.replacing("cases:", with: "setup:\n  - \(off)\ncases:"))
    let ending = try Program(
      ["explore", "x.yaml", "--seeds", "3", "--seed", "0x1", "--output", "found.yaml"], in: folder
    ).wait()
    #expect(
      ending.status == 1 && ending.output.contains("kept  found.yaml"), "\(ending.output)\(ending.errors)")
    let found = try folder.text("found.yaml")
    #expect(found.contains(off) && found.contains("explored:"), "\(found)")
    #expect(ending.output.contains("3 schedules, 3 failed; "), "\(ending.output)")
    let again = try Program(["run", "found.yaml"], in: folder).wait()
    #expect(again.status == 1 && again.output.contains("unsupported-request"), "\(again.output)")
  }

  @Test(arguments: [
    (["--faults", "tlp.dely"], 64, "did you mean 'tlp.delay'?"),
    (["--schedule", "rando"], 64, "'random', 'swizzle' or 'fault_pair'"),
    (["--seeds", "0"], 64, "--seeds takes a number from 1"),
    (["--case", "d"], 4, "none of 1 cases selected"),
  ])
  func badInputIsNamed(_ arguments: [String], _ status: Int, _ message: String) throws {
    let folder = try Folder()
    try folder.write("x.yaml", Self.suite)
    let ending = try Program(["explore", "x.yaml"] + arguments, in: folder).wait()
    #expect(ending.status == Int32(status) && ending.errors.contains(message), "\(ending.errors)")
  }
}
