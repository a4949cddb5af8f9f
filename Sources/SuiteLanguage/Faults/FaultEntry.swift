public import PCIe

/// One row of the fault catalogue: the fault, the reaction it must meet, and where that is written.
public struct FaultEntry: Hashable, Sendable {
  public var id: FaultID
  /// What happens, in a few words.
  public var title: String
  /// What the receiver or completer must do.
  public var receiver: String
  /// What the sender or requester must do.
  public var sender: String
  /// Empty when no error bit may be set anywhere.
  public var expectations: [FaultExpectation]
  /// What protocol checkers must find.
  public var findings: Set<Violation>
  /// The section of PCI Express Base 5.0 that asks for the reaction.
  public var section: String
  public var standing: Standing
  /// How a suite writes it; empty when it cannot.
  public var writing: String

  /// Whether this version can bring a fault about.
  public enum Standing: Hashable, Sendable {
    case built
    /// By steps of the suite, without a rule under `faults`.
    case steps
    /// By `pcie-harness explore`, which draws the rules.
    case explored
    /// By a rule that is told under another id, because only the traffic makes the difference.
    case told(as: FaultID)
    /// Not at all, for this reason.
    case unbuilt(String)
  }

  init(
    _ id: FaultID, _ title: String, receiver: String = "-", sender: String = "-",
    expect expectations: [FaultExpectation] = [], findings: Set<Violation> = [], section: String,
    _ standing: Standing = .built, writing: String = ""
  ) {
    self.id = id
    self.title = title
    self.receiver = receiver
    self.sender = sender
    self.expectations = expectations
    self.findings = findings
    self.section = section
    self.standing = standing
    self.writing = writing
  }
}

/// The catalogue of faults.
public enum FaultCatalogue {
  /// All rows, in the order of the ids.
  public static let entries: [FaultEntry] = {
    let rows = link + transaction + completions + interrupts + devices + schedules + general
    let byID = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0) })
    return FaultID.allCases.map { id in
      guard let entry = byID[id] else { preconditionFailure("no row for the fault \(id.rawValue)") }
      return entry
    }
  }()

  private static let indexes: [FaultID: Int] = Dictionary(
    uniqueKeysWithValues: FaultID.allCases.enumerated().map { ($0.element, $0.offset) })

  /// The row of an id.
  ///
  /// - Complexity: O(1).
  public static func entry(_ id: FaultID) -> FaultEntry {
    guard let index = indexes[id] else { preconditionFailure("no place for the fault \(id.rawValue)") }
    return entries[index]
  }
}

extension FaultID {
  /// The row of the catalogue.
  public var entry: FaultEntry { FaultCatalogue.entry(self) }
}
