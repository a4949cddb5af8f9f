public import Simulation

extension LinkFault {
  /// Which of the matches are struck; matches are counted from one, from the moment the fault is armed.
  public enum Selection: Hashable, Sendable {
    /// This match and no other.
    case nth(UInt64)
    /// Every so many matches: the second, the fourth, … for two.
    case every(UInt64)
    /// Each match with this chance.
    ///
    /// - Units: millionths.
    case probability(millionths: UInt32)
  }

  /// What a fault waits for before it is armed, or before its condition begins.
  public enum Start: Hashable, Sendable {
    /// Time since `Fabric.arm`.
    case time(VirtualDuration)
    /// So many matches on these directions.
    case count(UInt64, Match, [Direction])
    /// A call of `Fabric.trigger`.
    case manual
  }
}
