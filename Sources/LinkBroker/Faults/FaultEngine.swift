/// The faults armed on a fabric and what they have done so far.
struct FaultEngine: Sendable {
  var strikes: [FaultStrike] = []
  /// Faults whose signal nobody has taken yet.
  var signals: [Int] = []
}
