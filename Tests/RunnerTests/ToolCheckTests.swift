import SuiteLanguage
import Testing

@testable import Runner

@Suite struct ToolCheckTests {
  private func answer(_ script: String, version: ToolVersion? = nil, matches: String? = nil) throws
    -> ToolCheck.Answer
  {
    let folder = try Folder()
    try folder.write("emulator", "#!/bin/sh\n\(script)\n", isProgram: true)
    var check = ToolCheck(searchPath: "/nowhere:\(folder.path)")
    var requirement = try #require(
      try Fixture.plan("a: {requires: [{tool: emulator, probe: [--version], hint: install it}], …}")
        .instances[0].settings.requirements.first)
    requirement.version = version
    requirement.matches = matches
    return check.check(requirement)
  }

  @Test func comparesVersionsPartByPart() throws {
    let version = ToolVersion(parts: [10, 9])
    let answers = try ["10.10", "10.9", "10.8.9", "9"].map {
      try answer("echo emulator version \($0)", version: version)
    }
    guard case .present(_, "10.10") = answers[0], case .present(_, "10.9") = answers[1] else {
      Issue.record("\(answers)")
      return
    }
    #expect(answers[2] == .absent("needs emulator 10.9, found 10.8.9"))
    #expect(answers[3] == .absent("needs emulator 10.9, found 9"))
  }

  @Test func readsErrorsTooAndMindsNoStatus() throws {
    guard case .present = try answer("echo 'vfio-user options:' >&2; exit 1", matches: "vfio-user +options")
    else {
      Issue.record("not found on standard error")
      return
    }
    #expect(
      try answer("echo no", matches: "yes") == .absent("needs emulator; its answer does not hold 'yes'"))
    #expect(
      try answer("echo no", version: ToolVersion(parts: [1]))
        == .absent("needs emulator 1; its answer names no version"))
  }

  @Test func tellsWhatIsAbsentWithTheHint() throws {
    let instance = try Fixture.plan("a: {requires: [{tool: no-such-tool, hint: install it}], …}").instances[0]
    var check = ToolCheck(searchPath: "/nowhere")
    #expect(check.skipReason(instance) == "needs no-such-tool; no-such-tool is not on PATH; install it")
    var given = ToolCheck(given: ["no-such-tool": "/dev/null"], searchPath: "")
    #expect(given.skipReason(instance) == "needs no-such-tool; /dev/null is no program; install it")
  }
}
