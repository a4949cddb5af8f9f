/// Which step of a case it is, through `setup`, `repeat` and `parallel` down to the step itself.
///
/// - Layout: as text, levels from the outside in: `2/3`, `setup 1/2`, `3/5 pass 2/10 1/4`,
///   `3/5 branch 1/2 2/3`, `fault 2/4 1/1`.
public struct StepIndex: Hashable, Sendable {
  /// The levels, from the outside in; never empty.
  public var levels: [Level]

  /// One level: the step within its list, and what the list belongs to.
  public struct Level: Hashable, Sendable {
    /// What the list of steps belongs to.
    public var scope: Scope
    /// The step within the list, from one.
    public var index: Int
    /// The number of steps in the list.
    public var count: Int

    /// Makes a level.
    public init(_ index: Int, of count: Int, in scope: Scope = .steps) {
      self.scope = scope
      self.index = index
      self.count = count
    }
  }

  /// What a list of steps belongs to.
  public enum Scope: Hashable, Sendable {
    /// The case itself.
    case steps
    /// The suite's `setup`.
    case setup
    /// A `repeat`, in the given pass from one.
    case pass(Int, of: Int)
    /// A branch of a `parallel`, from one.
    case branch(Int, of: Int)
    /// A rule of the case's `faults` that performs a step, from one.
    case fault(Int, of: Int)
  }

  /// Makes an index from its levels.
  public init(levels: [Level]) {
    precondition(!levels.isEmpty, "a step has at least one level")
    self.levels = levels
  }

  /// Makes the index of a plain step of the case.
  public init(_ index: Int, of count: Int) {
    self.levels = [Level(index, of: count)]
  }

  /// The index of a step in a list within this step.
  public func nested(_ index: Int, of count: Int, in scope: Scope) -> StepIndex {
    StepIndex(levels: levels + [Level(index, of: count, in: scope)])
  }
}

extension StepIndex: CustomStringConvertible {
  /// The text form, as records keep it.
  public var description: String {
    var text = ""
    for level in levels {
      if !text.isEmpty { text += " " }
      switch level.scope {
      case .steps: break
      case .setup: text += "setup "
      case .pass(let pass, let passes): text += "pass \(pass)/\(passes) "
      case .branch(let branch, let branches): text += "branch \(branch)/\(branches) "
      case .fault(let rule, let rules): text += "fault \(rule)/\(rules) "
      }
      text += "\(level.index)/\(level.count)"
    }
    return text
  }

  /// Reads the text form back; nil when it is none.
  public init?(_ text: String) {
    var levels: [Level] = []
    if let (index, count) = Self.fraction(text[...]) {
      self.levels = [Level(index, of: count)]
      return
    }
    var words = text.split(separator: " ", omittingEmptySubsequences: false)[...]
    while let word = words.popFirst() {
      var scope = Scope.steps
      var place = word
      if word == "setup" {
        guard let next = words.popFirst() else { return nil }
        scope = .setup
        place = next
      } else if let numbered = Self.numbered(word) {
        guard let next = words.popFirst(), let (number, count) = Self.fraction(next),
          let last = words.popFirst()
        else { return nil }
        scope = numbered(number, count)
        place = last
      }
      guard let (index, count) = Self.fraction(place) else { return nil }
      levels.append(Level(index, of: count, in: scope))
    }
    guard !levels.isEmpty else { return nil }
    self.levels = levels
  }

  /// The scopes that are one of several.
  private static func numbered(_ word: Substring) -> ((Int, Int) -> Scope)? {
    switch word {
    case "pass": { .pass($0, of: $1) }
    case "branch": { .branch($0, of: $1) }
    case "fault": { .fault($0, of: $1) }
    default: nil
    }
  }

  private static func fraction(_ text: Substring) -> (Int, Int)? {
    guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
    guard let index = Int(text[..<slash]), let count = Int(text[text.utf8.index(after: slash)...]) else {
      return nil
    }
    return index > 0 && count > 0 ? (index, count) : nil
  }
}
