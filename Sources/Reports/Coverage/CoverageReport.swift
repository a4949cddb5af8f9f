import PCIe
public import RunEvents

/// Which faults struck which TLPs, and with what outcome: a fold over the ends of tries.
///
/// Streams may be added in any order.
public struct CoverageReport: Sendable {
  /// The version of the form of `json`.
  public static let formVersion = 1

  /// All cells so far.
  public private(set) var matrix = FaultMatrix()

  /// Makes a report of nothing.
  public init() {}

  /// Takes the next event.
  public mutating func add(_ event: Event) {
    switch event.kind {
    case .tryEnded(let outcome), .caseEnded(let outcome):
      if let faults = outcome.faults { matrix.add(faults.matrix) }
    default: break
    }
  }

  /// The kinds of fault that have struck.
  public var faults: Set<String> { Set(matrix.cells.map(\.fault)) }

  /// The matrix as a table: a line for each fault and outcome, a column for each type of TLP.
  ///
  /// - Units: `width` in characters.
  public func lines(width: Int) -> [String] {
    let cells = matrix.cells
    if cells.isEmpty { return ["no fault struck"] }
    let types = Self.ordered(Set(cells.map(\.tlp)))
    var table = TextTable(
      [TextTable.Column("fault"), TextTable.Column("outcome")]
        + (types + ["all"]).map { TextTable.Column($0, isNumber: true) })
    var last = ""
    for (fault, outcome) in Self.rows(cells) {
      let own = cells.filter { $0.fault == fault && $0.outcome == outcome }
      let counts = types.map { type in own.first { $0.tlp == type }?.count ?? 0 }
      let sum = counts.reduce(UInt64(0)) { $0.addingReportingOverflow($1).partialValue }
      table.add(
        [fault == last ? "" : fault, outcome.rawValue] + (counts + [sum]).map { $0 == 0 ? "·" : "\($0)" })
      last = fault
    }
    return table.lines(width: width)
  }

  private static func rows(_ cells: [FaultCell]) -> [(String, FaultOutcome)] {
    var rows: [(String, FaultOutcome)] = []
    for fault in Set(cells.map(\.fault)).sorted() {
      for outcome in FaultOutcome.allCases
      where cells.contains(where: { $0.fault == fault && $0.outcome == outcome }) {
        rows.append((fault, outcome))
      }
    }
    return rows
  }

  /// TLPs as the specification lists them, then DLLPs and what is unknown, then what strikes neither.
  private static func ordered(_ types: Set<String>) -> [String] {
    let tlps = TLPKind.allCases.map(\.mnemonic)
    let known = tlps.filter(types.contains)
    let others = types.subtracting(tlps).subtracting(["-"]).sorted()
    return known + others + (types.contains("-") ? ["-"] : [])
  }

  /// The matrix as one JSON object on one line.
  public var json: [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.key("version")
    json.integer(Self.formVersion)
    json.key("cells")
    json.beginArray()
    for cell in matrix.cells {
      json.beginObject()
      for (key, text) in [("fault", cell.fault), ("tlp", cell.tlp), ("outcome", cell.outcome.rawValue)] {
        json.key(key)
        json.string(text)
      }
      json.key("count")
      json.integer(cell.count)
      json.endObject()
    }
    json.endArray()
    json.endObject()
    json.newline()
    return json.bytes
  }
}
