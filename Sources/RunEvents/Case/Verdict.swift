/// How a case ended.
public enum Verdict: Hashable, Sendable {
  /// Every check held.
  case passed
  /// The tested side did something wrong.
  case failed(FailureType)
  /// We or a simulator could not run the case.
  case error(ErrorType)
  /// The case does not count for or against the tested side.
  case skipped(SkipType)
}

/// Why a case failed, from a closed list.
public enum FailureType: String, Hashable, Sendable, CaseIterable {
  /// A step saw something else than it expects.
  case expectation
  /// A protocol checker saw a violation that the case does not allow.
  case violation
  /// A step or the case took too long.
  case timeout
  /// Neither a TLP nor a console byte for too long.
  case noProgress = "no-progress"
  /// A process was left behind.
  case leak
  /// The case is known to fail, and passed.
  case unexpectedPass = "unexpected-pass"
  /// A fault was armed and never hit.
  case neverHit = "never-hit"
  /// The case passed only on a later try.
  case flaky
}

/// Why a case could not be run, from a closed list.
public enum ErrorType: String, Hashable, Sendable, CaseIterable {
  /// A simulator did not start, or went away by itself.
  case simulator
  /// The harness itself: a lost worker, a model that trapped.
  case harness
}

/// Why a case does not count, from a closed list.
public enum SkipType: String, Hashable, Sendable, CaseIterable {
  /// Something the case requires is absent.
  case requirement
  /// The case failed as it was known to.
  case knownFailure = "known-failure"
}

extension Verdict {
  /// The word for the verdict in records: `passed`, `failed`, `error` or `skipped`.
  public var word: String {
    switch self {
    case .passed: "passed"
    case .failed: "failed"
    case .error: "error"
    case .skipped: "skipped"
    }
  }

  /// The word out of the closed list of types; nil for a pass.
  public var type: String? {
    switch self {
    case .passed: nil
    case .failed(let type): type.rawValue
    case .error(let type): type.rawValue
    case .skipped(let type): type.rawValue
    }
  }

  /// Reads the two words back; nil when they do not belong together.
  public init?(word: String, type: String?) {
    switch word {
    case "passed" where type == nil: self = .passed
    case "failed":
      guard let type = type.flatMap(FailureType.init(rawValue:)) else { return nil }
      self = .failed(type)
    case "error":
      guard let type = type.flatMap(ErrorType.init(rawValue:)) else { return nil }
      self = .error(type)
    case "skipped":
      guard let type = type.flatMap(SkipType.init(rawValue:)) else { return nil }
      self = .skipped(type)
    default: return nil
    }
  }

  /// Whether a person has to look at the case.
  public var isRed: Bool {
    switch self {
    case .failed, .error: true
    case .passed, .skipped: false
    }
  }
}
