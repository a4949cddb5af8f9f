import ArgumentParser
import RunEvents

/// What counts as success.
struct ExitOptions: ParsableArguments {
  @Flag(help: "A skipped case is an error (exit code 69).")
  var requireAll = false

  @Option(help: ArgumentHelp("Whether a run without cases is fine.", valueName: "ok|fail"))
  var noCases: NoCasesChoice = .fail

  @Option(help: ArgumentHelp("The exit code when every case was skipped; only 77.", valueName: "77"))
  var skipExitCode: Int?

  func validate() throws {
    if let code = skipExitCode, code != 77 {
      throw ValidationError("--skip-exit-code takes 77 only, got \(code)")
    }
  }

  /// The rules for the exit code.
  var policy: RunEvents.ExitCode.Policy {
    .init(
      requiresAll: requireAll, allSkippedCode: skipExitCode == nil ? .success : .allSkipped,
      allowsNoCases: noCases == .ok)
  }
}
