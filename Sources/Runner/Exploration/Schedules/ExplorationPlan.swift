public import SuiteLanguage

/// What is explored and how.
public struct ExplorationPlan: Sendable {
  /// How faults follow each other.
  public enum Schedule: String, CaseIterable, Hashable, Sendable {
    /// Some faults at random moments.
    case random
    /// Links go down one by one and come back in random order, with faults besides where they are named.
    case swizzle
    /// A second fault while the first one is being recovered from.
    case faultPair = "fault_pair"
  }

  let recipes: [FaultRecipe]
  public let schedule: Schedule
  public let seed: UInt64

  /// Chooses the faults.
  ///
  /// - Parameters:
  ///   - patterns: ids with `*` and `?`; nil for all that leave software unharmed, and for the links alone in
  ///     a swizzle.
  /// - Throws: a pattern that fits nothing that can be written.
  public init(schedule: Schedule, patterns: [String]?, seed: UInt64) throws(FaultChoiceError) {
    self.schedule = schedule
    self.seed = seed
    let built = FaultRecipes.all.filter(\.isBuilt)
    guard let patterns else {
      recipes = schedule == .swizzle ? [] : built.filter(\.isHarmless)
      return
    }
    for pattern in patterns {
      let glob = Glob(pattern)
      if built.contains(where: { glob.matches($0.id.rawValue) }) { continue }
      let known = FaultID.allCases.map(\.rawValue).filter(glob.matches)
      let unbuilt = FaultRecipes.all.map(\.id.rawValue).filter(glob.matches)
      let choices = built.map(\.id.rawValue)
      throw FaultChoiceError(
        pattern: pattern, isKnown: !known.isEmpty, isWritten: !unbuilt.isEmpty,
        nearest: NearName.find(pattern, among: choices), choices: choices)
    }
    let globs = patterns.map { Glob($0) }
    recipes = built.filter { recipe in globs.contains { $0.matches(recipe.id.rawValue) } }
  }

  /// The ids of the faults, in the order of the catalogue.
  public var faultIDs: [FaultID] {
    guard schedule == .swizzle else { return recipes.map(\.id) }
    let others = recipes.map(\.id).filter { $0 != .linkDown }
    return FaultID.allCases.filter { $0 == .linkDown || others.contains($0) }
  }

  /// The ids that can be asked for.
  public static var knownIDs: [FaultID] { FaultRecipes.all.filter(\.isBuilt).map(\.id) }
}

/// A pattern of faults that fits none which exploration can write.
public struct FaultChoiceError: Error, Hashable {
  let pattern: String
  let isKnown: Bool
  let isWritten: Bool
  let nearest: String?
  let choices: [String]
}

extension FaultChoiceError: CustomStringConvertible {
  /// What is wrong, in one line.
  public var description: String {
    let why =
      if isWritten {
        "'\(pattern)' fits only faults that this version cannot bring about"
      } else if isKnown {
        "'\(pattern)' fits only faults that exploration does not use"
      } else {
        "no fault is named '\(pattern)'"
      }
    let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
    return "\(why)\(hint); it can be \(choices.joined(separator: ", "))"
  }
}
