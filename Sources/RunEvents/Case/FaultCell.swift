/// How often one kind of fault struck one type of TLP with one outcome.
public struct FaultCell: Hashable, Sendable {
  /// The kind of fault, such as `cpl.timeout`.
  public var fault: String
  /// The mnemonic of the TLP or DLLP; `-` for a fault that strikes neither.
  public var tlp: String
  public var outcome: FaultOutcome
  public var count: UInt64

  /// Makes a cell.
  public init(fault: String, tlp: String, outcome: FaultOutcome, count: UInt64 = 1) {
    self.fault = fault
    self.tlp = tlp
    self.outcome = outcome
    self.count = count
  }
}

/// What became of a strike, from a closed list.
public enum FaultOutcome: String, Hashable, Sendable, CaseIterable {
  /// An error register or a checker showed it, and the case passed.
  case reported
  /// Nothing was reported, the case passed, and the link was up at its end.
  case recovered
  /// Nothing was reported, the case passed, and the link was still down at its end.
  case linkLost = "link-lost"
  /// The case did not pass.
  case failed
}

/// A matrix of fault, type of TLP and outcome with a count in each cell that is not empty.
///
/// Adding matrices gives the same whatever their order.
public struct FaultMatrix: Hashable, Sendable {
  private var counts: [Key: UInt64] = [:]

  private struct Key: Hashable {
    var fault: String
    var tlp: String
    var outcome: FaultOutcome
  }

  /// Makes a matrix, which adds up cells of one place.
  public init(_ cells: [FaultCell] = []) { for cell in cells { add(cell) } }

  /// Whether nothing was counted.
  public var isEmpty: Bool { counts.isEmpty }

  /// The cells that are not empty, by fault, TLP and outcome.
  ///
  /// - Complexity: O(n log n).
  public var cells: [FaultCell] {
    counts.map { FaultCell(fault: $0.fault, tlp: $0.tlp, outcome: $0.outcome, count: $1) }
      .sorted { ($0.fault, $0.tlp, $0.outcome.rawValue) < ($1.fault, $1.tlp, $1.outcome.rawValue) }
  }

  /// Counts a cell; a sum that does not fit stays at the most.
  public mutating func add(_ cell: FaultCell) {
    guard cell.count > 0 else { return }
    let key = Key(fault: cell.fault, tlp: cell.tlp, outcome: cell.outcome)
    let (sum, overflow) = counts[key, default: 0].addingReportingOverflow(cell.count)
    counts[key] = overflow ? .max : sum
  }

  /// Counts all cells of another matrix.
  public mutating func add(_ other: FaultMatrix) { for cell in other.cells { add(cell) } }
}
