import CSystem

/// The variables that programs are started with.
enum Environment {
  /// The variables of this process, with others added or in the place of those of the same name.
  static func own(adding variables: [String]) -> [String] {
    var names: Set<Substring> = []
    for variable in variables { names.insert(name(variable)) }
    var kept: [String] = []
    var next = unsafe csys_environment()
    while let place = unsafe next, let text = unsafe place.pointee {
      let variable = unsafe String(cString: text)
      if !names.contains(name(variable)) { kept.append(variable) }
      unsafe next = place + 1
    }
    return kept + variables
  }

  private static func name(_ variable: String) -> Substring { variable.prefix { $0 != "=" } }
}
