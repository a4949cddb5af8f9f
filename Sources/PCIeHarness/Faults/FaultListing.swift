import Reports
import Runner
import SuiteLanguage

/// Rows of the fault catalogue with the suites that bring them about.
struct FaultListing {
  let entries: [FaultEntry]
  /// For each kind the suites, in the order of the command line.
  let uses: [FaultID: [Use]]

  /// The cases of a suite that bring a kind about.
  struct Use {
    var suite: String
    /// Case names without the matrix, each once.
    var cases: [String]
  }

  /// Which suites bring which kinds about, by the rules and steps of their plans.
  static func uses(of suites: [LoadedSuite]) -> [FaultID: [Use]] {
    var uses: [FaultID: [Use]] = [:]
    for suite in suites {
      var cases: [FaultID: [String]] = [:]
      for instance in suite.plan.instances {
        for id in instance.exercisedFaults where cases[id]?.contains(instance.caseName) != true {
          cases[id, default: []].append(instance.caseName)
        }
      }
      for (id, names) in cases {
        uses[id, default: []].append(Use(suite: suite.plan.suite.name, cases: names))
      }
    }
    return uses
  }

  /// A table by layer; long texts go on below.
  func table(width: Int) -> String {
    var table = TextTable([
      TextTable.Column("fault", widthMax: 18), TextTable.Column("built"),
      TextTable.Column("AER bits", widthMax: width < 100 ? 16 : 26),
      TextTable.Column("reaction", isFlexible: true),
    ])
    var layer: FaultID.Layer?
    var isGeneral = false
    for entry in sorted {
      if entry.id.layer != layer || entry.id.isGeneral != isGeneral {
        layer = entry.id.layer
        isGeneral = entry.id.isGeneral
        table.add(heading: (isGeneral ? "general ids: " : "") + (layer?.rawValue ?? ""))
      }
      table.add([entry.id.rawValue, Self.word(entry), bits(entry), reaction(entry)])
    }
    return (table.lines(width: width) + [""] + TextTable.wrapped(legend, width: width)).joined(
      separator: "\n")
      + "\n"
  }

  /// By layer, general ids last, else in the order of the catalogue.
  private var sorted: [FaultEntry] {
    [false, true].flatMap { isGeneral in
      FaultID.Layer.allCases.flatMap { layer in
        entries.filter { $0.id.layer == layer && $0.id.isGeneral == isGeneral }
      }
    }
  }

  private var legend: String {
    let built = entries.count { $0.isBuilt }
    let used = entries.count { uses[$0.id] != nil }
    return "\(entries.count) kinds, \(built) that this version can bring about, \(used) in the suites. "
      + "R: what the receiver or completer must do, T: what the transmitter or requester must do. "
      + "U and C are bits of the Uncorrectable and Correctable Error Status registers. C13(U20): Advisory "
      + "Non-Fatal, and U20 besides where that is not masked; with a star U20 alone for a posted request. "
      + "Sections are those of PCI Express Base 5.0."
  }

  private static func word(_ entry: FaultEntry) -> String {
    switch entry.standing {
    case .built, .told: "yes"
    case .steps: "steps"
    case .explored: "explore"
    case .unbuilt: "no"
    }
  }

  private func bits(_ entry: FaultEntry) -> String {
    if entry.expectations.isEmpty { return "none" }
    return entry.expectations.map { "\($0.role.rawValue): \($0.bitText)" }.joined(separator: "\n")
  }

  private func reaction(_ entry: FaultEntry) -> String {
    var lines = [entry.section == "-" ? entry.title : "\(entry.title) (\(entry.section))"]
    if entry.receiver != "-" { lines.append("R \(entry.receiver)") }
    if entry.sender != "-" { lines.append("T \(entry.sender)") }
    if !entry.findings.isEmpty {
      lines.append("checkers find: \(entry.findingNames.joined(separator: ", "))")
    }
    if let reason = entry.unbuiltReason { lines.append("not built: \(reason)") }
    if case .told(let other) = entry.standing, entry.isBuilt { lines.append("told as \(other.rawValue)") }
    if let uses = uses[entry.id] {
      lines.append(
        "in: " + uses.map { "\($0.suite) (\($0.cases.joined(separator: ", ")))" }.joined(separator: ", "))
    }
    return lines.joined(separator: "\n")
  }
}
