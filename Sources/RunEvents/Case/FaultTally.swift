/// What became of the faults of a case.
public struct FaultTally: Hashable, Sendable {
  /// How often faults struck.
  public var injected: UInt64
  /// The strikes after which an error register or a checker showed what the fault leads one to expect.
  public var detected: UInt64
  /// The strikes after which the case went on to its good end over a link that is up.
  public var recovered: UInt64
  /// The longest time from a strike until a checker saw its effect; nil when none did.
  ///
  /// - Units: picoseconds.
  public var detectionTime: UInt64?
  /// The strikes by fault, type of TLP and outcome.
  public var matrix: FaultMatrix

  /// Makes a tally.
  ///
  /// - Units: `detectionTime` in picoseconds.
  public init(
    injected: UInt64 = 0, detected: UInt64 = 0, recovered: UInt64 = 0, detectionTime: UInt64? = nil,
    matrix: FaultMatrix = FaultMatrix()
  ) {
    self.injected = injected
    self.detected = detected
    self.recovered = recovered
    self.detectionTime = detectionTime
    self.matrix = matrix
  }

  /// Adds what became of the faults of a further run.
  public mutating func add(_ other: FaultTally) {
    injected &+= other.injected
    detected &+= other.detected
    recovered &+= other.recovered
    matrix.add(other.matrix)
    if let time = other.detectionTime { detectionTime = max(detectionTime ?? 0, time) }
  }
}
