/// The exit codes of `pcie-harness`, documented and never anything else.
public enum ExitCode: Int32, Hashable, Sendable, CaseIterable {
  /// Everything selected passed; skips are allowed, even only skips.
  case success = 0
  /// At least one case failed.
  case failed = 1
  /// A case could not be run: simulator or harness trouble.
  case couldNotRun = 3
  /// Nothing was selected.
  case nothingSelected = 4
  /// All green, but a rerun chain has cases outstanding.
  case outstanding = 5
  /// A bad command line, or no such file.
  case usage = 64
  /// A bad suite or board file.
  case badData = 65
  /// Every case was to run, and something was skipped.
  case unavailable = 69
  /// A bug in the harness, or a report that could not be written.
  case internalError = 70
  /// Every selected case was skipped, and the caller asked for this code.
  case allSkipped = 77
  /// Interrupted by SIGINT.
  case interrupted = 130
  /// Ended by SIGTERM.
  case terminated = 143
}

extension ExitCode {
  /// What the command line says about the exit code.
  public struct Policy: Hashable, Sendable {
    /// Whether a skipped case is an error.
    public var requiresAll: Bool
    /// The code for a run that skipped everything; `--skip-exit-code` allows 77 only.
    public var allSkippedCode: ExitCode
    /// Whether an empty selection is fine.
    public var allowsNoCases: Bool

    /// Makes a policy, the default one when nothing else is said.
    public init(requiresAll: Bool = false, allSkippedCode: ExitCode = .success, allowsNoCases: Bool = false) {
      self.requiresAll = requiresAll
      self.allSkippedCode = allSkippedCode
      self.allowsNoCases = allowsNoCases
    }
  }

  /// Decides the code of a run; when several apply, a red is never hidden behind a retry of the machine.
  ///
  /// The order is 70, 130 or 143, 1, 3, 69, 4, 5, 77, 0.
  public init(
    totals: RunTotals, signal: Int? = nil, policy: Policy = Policy(), outstanding: Int = 0,
    harnessBroke: Bool = false
  ) {
    if harnessBroke {
      self = .internalError
    } else if let signal {
      self = signal == 15 ? .terminated : .interrupted
    } else if totals.failed > 0 {
      self = .failed
    } else if totals.errors > 0 || totals.notRun > 0 {
      self = .couldNotRun
    } else if policy.requiresAll && totals.skipped > 0 {
      self = .unavailable
    } else if totals.selected == 0 && !policy.allowsNoCases {
      self = .nothingSelected
    } else if outstanding > 0 {
      self = .outstanding
    } else if totals.selected > 0 && totals.skipped == totals.selected {
      self = policy.allSkippedCode
    } else {
      self = .success
    }
  }
}
