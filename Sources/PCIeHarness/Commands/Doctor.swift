import ArgumentParser
import Nodes
import RunEvents
import Runner
import SuiteLanguage

/// `doctor`: tells what this machine can run, and how to mend what it cannot.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell what this machine can run, and how to mend what it cannot.",
    discussion: """
      Looks at the boards in the folder Boards, and at the suites named or those in the folder Suites.

      EXAMPLES:
        pcie-harness doctor
        pcie-harness doctor Suites/pipe.yaml --tool qemu-system-x86_64=/opt/qemu/bin/qemu-system-x86_64
      """)

  @Argument(help: ArgumentHelp("Suites to look at.", valueName: "path"))
  var paths: [String] = []

  @OptionGroup(title: "Processes") var placing: PlaceOptions

  func run() throws {
    let cores = Machine.coreCount
    let group = Machine.hasDelegatedControlGroup ? "cgroup v2 delegated" : "no delegated cgroup"
    Self.say("ok", "broker", "subreaper, \(group), \(cores) core\(cores == 1 ? "" : "s")")
    Self.say("ok", "in-process", "models on \(Machine.architecture), in virtual time")
    var check = placing.toolCheck
    let hasBadBoard = tellBoards(&check)
    try tellSuites(&check)
    if hasBadBoard { throw Speech.leave(.badData) }
  }

  private static func say(_ word: String, _ name: String, _ text: String) {
    let word = word + String(repeating: " ", count: max(0, 6 - word.count))
    Speech.say("  \(word)\(name)\(String(repeating: " ", count: max(1, 15 - name.count)))\(text)")
  }

  /// Tells of each board whether its tools are here, and answers whether a board file is wrong.
  private func tellBoards(_ check: inout ToolCheck) -> Bool {
    var isWrong = false
    for found in (try? SuiteFinder.suites(at: "Boards")) ?? [] {
      guard let bytes = try? FileStore.read(found.path) else { continue }
      let result = BoardLoader.load(path: found.path, bytes: bytes)
      for finding in result.diagnostics { Speech.complain(finding.text(in: result.source)) }
      guard let board = result.board else {
        isWrong = true
        continue
      }
      var isUsable = true
      for requirement in board.requirements {
        guard case .absent(let reason) = check.check(requirement) else { continue }
        Self.say("miss", board.name, reason)
        Speech.say(String(repeating: " ", count: 23) + "fix: \(requirement.hint)")
        isUsable = false
      }
      if isUsable { Self.say("ok", board.name, "\(board.simulator), \(board.architecture)") }
    }
    return isWrong
  }

  private func tellSuites(_ check: inout ToolCheck) throws {
    let isHere = (try? SuiteFinder.suites(at: "Suites")) != nil
    var options = SuiteOptions()
    options.paths = paths.isEmpty && isHere ? ["Suites"] : paths
    if options.paths.isEmpty {
      return Speech.say("  no suites here; name some to see which of their cases run")
    }
    let suites = try options.suites()
    let places = try placing.places(for: suites)
    for suite in suites {
      let instances = suite.plan.instances
      var reasons: [(reason: String, count: Int)] = []
      for instance in instances {
        guard
          let reason = Self.unbuilt(instance)
            ?? check.skipReason(instance, of: suite.plan, places: places)
        else { continue }
        if let index = reasons.firstIndex(where: { $0.reason == reason }) {
          reasons[index].count += 1
        } else {
          reasons.append((reason, 1))
        }
      }
      let count = reasons.reduce(0) { $0 + $1.count }
      let name = suite.plan.suite.name
      Speech.say(
        count == 0
          ? "  \(name) runs here in full" : "  \(name): \(count) of \(instances.count) cases cannot run")
      for (reason, count) in reasons { Speech.say("    \(count): \(reason)") }
    }
  }

  private static func unbuilt(_ instance: CaseInstance) -> String? {
    let parts = instance.requiresUnbuilt
    return parts.isEmpty ? nil : "needs \(parts.joined(separator: " and ")), which this version does not have"
  }
}
