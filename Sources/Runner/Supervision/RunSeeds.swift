public import Nodes
import Simulation
public import SuiteLanguage

/// Where the seeds of a run and of its cases come from.
public enum RunSeeds {
  /// The seed of the run: the one given, else the one that all cases bring, else a drawn one.
  public static func seed(given: UInt64?, cases: some Sequence<CaseInstance>) throws(SystemError) -> UInt64 {
    if let given { return given }
    var common: UInt64?
    for instance in cases {
      guard let seed = instance.settings.seed, common ?? seed == seed else { return try Machine.drawSeed() }
      common = seed
    }
    if let common { return common }
    return try Machine.drawSeed()
  }

  /// The seed that must be given to run a case again: a given seed rules, then the case's own, then that
  /// of the run.
  static func base(of instance: CaseInstance, run: UInt64, isGiven: Bool) -> UInt64 {
    isGiven ? run : instance.settings.seed ?? run
  }

  /// The seed a case draws from: filtering and order never change it.
  static func caseSeed(_ base: UInt64, id: String) -> UInt64 { FixedHash.seed(base, id) }
}
