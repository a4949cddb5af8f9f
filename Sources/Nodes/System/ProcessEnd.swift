import CSystem

/// How a process ended.
public enum ProcessEnd: Hashable, Sendable {
  /// By itself, with a status.
  case exited(CInt)
  /// By a signal.
  case killed(CInt)

  /// Takes what the functions of the C target return: the status, or 256 and the signal.
  init(code: CInt) { self = code >= 256 ? .killed(code - 256) : .exited(code) }

  /// The end as it goes into a sentence: `exited with status 1`, `was killed by SIGKILL`.
  public var ending: String {
    switch self {
    case .exited: description
    case .killed: "was " + description
    }
  }
}

extension ProcessEnd: CustomStringConvertible {
  public var description: String {
    switch self {
    case .exited(let status): "exited with status \(status)"
    case .killed(let signal): "killed by \(SignalQueue.name(signal))"
    }
  }
}
