import PCIe

extension FaultEntry {
  /// Whether this version can bring the fault about, by rules or by steps.
  public var isBuilt: Bool { unbuiltReason == nil }

  /// Why this version cannot bring the fault about; nil when it can.
  public var unbuiltReason: String? {
    if case .unbuilt(let reason) = standing { return reason }
    return nil
  }

  /// What protocol checkers must find, as suites spell it, sorted.
  public var findingNames: [String] { findings.map(\.rawValue).sorted() }

  /// The word for tables: `built`, `steps` for what suites write with steps alone, `explore` for schedules
  /// that are drawn, or `not built`.
  public var state: String {
    if !isBuilt { return "not built" }
    return switch standing {
    case .steps: "steps"
    case .explored: "explore"
    case .built, .told, .unbuilt: "built"
    }
  }
}

extension FaultExpectation {
  /// What must be shown, by the bits of the error registers; `C13(U20)` is Advisory Non-Fatal, and U20
  /// besides where that is not masked.
  public var bitText: String {
    let must = choices.map(Self.text).joined(separator: " or ")
    let besides = may.map(\.bitText)
    if choices == [[]] { return besides.isEmpty ? "none" : "may \(besides.joined(separator: ", "))" }
    return must + (besides.isEmpty ? "" : ", may \(besides.joined(separator: ", "))")
  }

  private static func text(_ reports: [FaultReport]) -> String {
    reports.isEmpty ? "none" : reports.map(\.bitText).joined(separator: " and ")
  }
}

extension FaultReport {
  /// The violation as suites spell it.
  public var name: String { violation.rawValue }

  /// The bits that the report sets; a star marks what a posted request sets alone.
  public var bitText: String {
    let bit =
      violation.uncorrectableBit.map { "U\($0)" } ?? violation.correctableBit.map { "C\($0)" }
      ?? violation.rawValue
    return switch self {
    case .logged: bit
    case .advisory: "C13(\(bit))"
    case .answered: "C13(\(bit))*"
    }
  }
}
