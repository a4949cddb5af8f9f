/// One number that the project promises.
public struct Figure: Hashable, Sendable {
  /// Which side of gate and goal is the good one.
  public enum Direction: Hashable, Sendable {
    case lessIsBetter
    case moreIsBetter
  }

  /// How gate and measurement are compared.
  public enum Judgement: Hashable, Sendable {
    /// By the best round: other work on the machine only ever makes a round slower.
    case best
    /// By the worst round: what is counted does not depend on other work.
    case worst
  }

  /// The word that selects the figure on the command line and names it in JSON.
  public var key: String
  /// What is measured, in one line.
  public var name: String
  public var unit: FigureUnit
  public var direction: Direction
  public var judgement: Judgement
  /// What breaks the run.
  public var gate: Double
  /// What the project publishes.
  public var goal: Double
  /// What holds for now where the gate is not reached yet; nil where it is.
  ///
  /// Such a gate is reported as missed and does not break the run; what is worse than this does.
  public var standing: Double?
  /// What the yardstick is, empty without one.
  public var yardstick: String
  /// Whether gate and goal are multiples of the yardstick instead of values.
  public var isMultiple: Bool

  public init(
    key: String, name: String, unit: FigureUnit, direction: Direction = .lessIsBetter,
    judgement: Judgement = .best,
    gate: Double, goal: Double, standing: Double? = nil, yardstick: String = "", isMultiple: Bool = false
  ) {
    self.key = key
    self.name = name
    self.unit = unit
    self.direction = direction
    self.judgement = judgement
    self.gate = gate
    self.goal = goal
    self.standing = standing
    self.yardstick = yardstick
    self.isMultiple = isMultiple
  }

  /// Whether a value is on the good side of a bound or on it.
  func reaches(_ bound: Double, _ value: Double) -> Bool {
    direction == .lessIsBetter ? value <= bound : value >= bound
  }
}
