import PCIe
import SuiteLanguage

/// What a strike demands of a function and permits it, or of one of several where it cannot tell which.
struct FaultDemand: Hashable {
  /// The rule among those of the case.
  let rule: Int
  /// The part that the function plays; nil where the suite names the node.
  let role: FaultRole?
  let places: [FunctionPlace]
  /// Sets of which one must be recorded whole; nothing must where one of them is empty.
  let choices: [Set<Violation>]
  /// What may be recorded besides.
  let may: Set<Violation>

  func permits(_ violation: Violation) -> Bool {
    may.contains(violation) || choices.contains { $0.contains(violation) }
  }
}

/// The demands of all strikes of a case so far.
struct FaultDemands {
  /// Each once, in the order of the strikes that made them first.
  private(set) var all: [FaultDemand] = []
  /// The strikes that make a demand.
  private var strikes: [FaultDemand: [Int]] = [:]

  mutating func add(_ demand: FaultDemand, strike: Int) {
    if strikes[demand] == nil { all.append(demand) }
    strikes[demand, default: []].append(strike)
  }

  /// The strikes that make a demand, the first one first.
  func strikes(of demand: FaultDemand) -> [Int] { strikes[demand] ?? [] }

  /// Whether any strike demands or permits a violation at a function.
  func permit(_ violation: Violation, at place: FunctionPlace) -> Bool {
    all.contains { $0.places.contains(place) && $0.permits(violation) }
  }

  /// The rule that wants a function to record nothing, by its own `expect`; `allow` does not lift that.
  func silencer(of place: FunctionPlace) -> Int? {
    all.first { $0.role == nil && $0.choices == [[]] && $0.places.contains(place) }?.rule
  }

  /// Whether a finding at a node needs no word in `allow`: correctable ones that a strike predicts, and those
  /// that the rule itself names.
  ///
  /// What is uncorrectable the case names itself, so that a reader sees what it provokes.
  func predict(_ violation: Violation, atNode node: Int) -> Bool {
    all.contains {
      ($0.role == nil || violation.correctableBit != nil) && $0.permits(violation)
        && $0.places.contains { $0.node == node }
    }
  }
}
