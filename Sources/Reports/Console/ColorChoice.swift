/// Whether output has colour: the option, then the environment, then what it is written to.
public enum ColorChoice: String, Hashable, Sendable, CaseIterable {
  /// As the environment and the terminal say.
  case auto
  /// Always.
  case always
  /// Never.
  case never

  /// Decides for one output.
  ///
  /// An option beats `NO_COLOR`, that beats `CLICOLOR_FORCE`; without them a capable terminal has colour.
  ///
  /// - Source: no-color.org; bixense.com/clicolors.
  public func hasColor(isTerminal: Bool, environment: (String) -> String?) -> Bool {
    switch self {
    case .always: return true
    case .never: return false
    case .auto: break
    }
    if let value = environment("NO_COLOR"), !value.isEmpty { return false }
    if let value = environment("CLICOLOR_FORCE"), !value.isEmpty, value != "0" { return true }
    return isTerminal && environment("TERM") != "dumb"
  }
}
