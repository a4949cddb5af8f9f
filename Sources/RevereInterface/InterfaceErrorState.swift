/// AMU_SR.ERROR_STATE: why the commands of a function rest.
public enum InterfaceErrorState: UInt16, CaseIterable, Sendable {
  case none = 0
  case commandFault = 1
  case responseFault = 2
  case exceptionFault = 3
  case traceFault = 4
  case responseFull = 5
  case exceptionFull = 6
  case invalidCommand = 7
  case managementTableFault = 8
  case contextTableFault = 9
  case profileTableFault = 0xa

  /// The word in suites.
  public var word: String {
    switch self {
    case .none: "none"
    case .commandFault: "command-fault"
    case .responseFault: "response-fault"
    case .exceptionFault: "exception-fault"
    case .traceFault: "trace-fault"
    case .responseFull: "response-full"
    case .exceptionFull: "exception-full"
    case .invalidCommand: "invalid-command"
    case .managementTableFault: "management-table-fault"
    case .contextTableFault: "context-table-fault"
    case .profileTableFault: "profile-table-fault"
    }
  }

  /// The words of what is an error.
  public static let words = allCases.dropFirst().map(\.word)
}
