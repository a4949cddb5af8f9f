import SuiteLanguage

/// Why a fault rule cannot be armed on the topology of its case.
struct FaultCompilerError: Error, Hashable {
  let verb: FaultVerb
  /// The line of the rule in the suite.
  let line: Int
  let reason: Reason

  enum Reason: Error, Hashable {
    case noLink(String)
    case noNode(String)
    /// Enumeration found no function of the node.
    case noFunction(String)
    /// Enumeration placed no region of that name of the node.
    case noRegion(String, String)
  }
}

extension FaultCompilerError: CustomStringConvertible {
  var description: String {
    let what =
      switch reason {
      case .noLink(let name): "the fabric has no link '\(name)'"
      case .noNode(let name): "the fabric has no node '\(name)'"
      case .noFunction(let name): "enumeration found no function of \(name)"
      case .noRegion(let name, let region): "enumeration placed no \(region) of \(name)"
      }
    return "the fault '\(verb.rawValue)' of line \(line) cannot be armed: \(what)"
  }
}
