import RunEvents

/// The last TLPs of each link, on one clock, with what checkers found and the notes of the case between them.
struct WireBlock {
  /// The most rows that are shown.
  static let rowsMax = 32
  /// The column at which the head says what the clock is.
  private static let clockColumn = 39

  private let entries: [CaseLog.Entry]
  private let links: [LinkTotal]
  private let clock: Clock

  init(_ block: FailureBlock) {
    let all = block.log.sortedTimeline
    entries = Array(all.suffix(Self.rowsMax))
    clock = block.clock
    var links = block.outcome.failure?.links ?? []
    for entry in all {
      guard case .tlp(let record) = entry.content else { continue }
      if !links.contains(where: { $0.link == record.link }) {
        links.append(LinkTotal(link: record.link, tlps: 0))
      }
    }
    self.links = links
  }

  var lines: [StyledLine] {
    if entries.isEmpty {
      return links.isEmpty ? [] : [StyledLine("    \(linkNames): \(unshown)")]
    }
    return [head] + rows
  }

  private var records: [TLPRecord] {
    entries.compactMap { if case .tlp(let record) = $0.content { record } else { nil } }
  }

  private var linkNames: String {
    (links.count == 1 ? "link " : "links ") + links.map(\.link).joined(separator: ", ")
  }

  private var total: UInt64 { links.reduce(0) { $0.addingReportingOverflow($1.tlps).partialValue } }

  /// What crossed the links where no row tells it.
  private var unshown: String {
    total == 0 ? "no TLP" : "\(Format.count(total, "TLP")), none of them shown"
  }

  private var head: StyledLine {
    var line = StyledLine("    ")
    if links.isEmpty {
      line.add("seen")
    } else if records.isEmpty {
      line.add("\(linkNames): \(unshown)")
    } else {
      line.add("\(linkNames), \(FailureBlock.share(records.count, of: total, "TLP"))")
    }
    line.pad(to: Self.clockColumn, atLeast: 2)
    line.add("(t = 0 at case start; \(clock.rawValue) time)", .faint)
    return line
  }

  private var rows: [StyledLine] {
    let scale = TimeScale(entries.map(\.time))
    let columns = Columns(records, namesLinks: links.count > 1)
    return entries.map { entry in
      var line = StyledLine("      ")
      line.add(scale.text(entry.time), .faint)
      line.add("  ")
      switch entry.content {
      case .tlp(let record): columns.add(record, to: &line)
      case .finding(let finding):
        line.add(finding.violation, finding.allowed ? .warning : .bad)
        line.add(" at \(finding.place)\(finding.allowed ? ", allowed" : "")")
        if !finding.text.isEmpty { line.add(": " + PlainText.oneLine(finding.text)) }
      case .note(let note): line.add("note: " + PlainText.oneLine(note.text))
      }
      return line.trimmed()
    }
  }

  /// The widths of the columns over all rows.
  private struct Columns {
    let link: Int
    let source: Int
    let target: Int
    let mnemonic: Int
    let tag: Int

    init(_ records: [TLPRecord], namesLinks: Bool) {
      func widest(_ text: (TLPRecord) -> String) -> Int { records.map { text($0).count }.max() ?? 0 }
      link = namesLinks ? widest(\.link) : 0
      source = widest(\.source)
      target = widest(\.target)
      mnemonic = widest(\.mnemonic)
      tag = widest { $0.tag.map { "tag \($0)" } ?? "" }
    }

    func add(_ record: TLPRecord, to line: inout StyledLine) {
      if link > 0 { line.add(Format.right(record.link, link) + "  ", .name) }
      line.add(Format.right(record.source, source) + " → " + Format.right(record.target, target) + "  ")
      line.add(Format.right(record.mnemonic, mnemonic) + "  ", .strong)
      if tag > 0 { line.add(Format.right(record.tag.map { "tag \($0)" } ?? "", tag) + "  ") }
      if let address = record.address { line.add(address + "  ") }
      if let status = record.status {
        line.add(Format.right(status, 3) + "  ", status == "SC" ? .plain : .bad)
      }
      if let bytes = record.bytes { line.add("\(bytes) B  ") }
      if let detail = record.detail { line.add(detail + "  ") }
      if let fault = record.fault { line.add("  " + fault, .warning) }
    }
  }
}
