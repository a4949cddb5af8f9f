import RunEvents
import SuiteLanguage

extension FaultListing {
  /// One object: the version of this form, and the rows.
  var json: [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.number("version", 1)
    json.key("faults")
    json.beginArray()
    for entry in entries { write(entry, to: &json) }
    json.endArray()
    json.endObject()
    json.newline()
    return json.bytes
  }

  private func write(_ entry: FaultEntry, to json: inout JSONWriter) {
    json.beginObject()
    json.text("id", entry.id.rawValue)
    json.text("layer", entry.id.layer.rawValue)
    json.flag("general", entry.id.isGeneral)
    json.text("title", entry.title)
    json.text("receiver", entry.receiver == "-" ? nil : entry.receiver)
    json.text("sender", entry.sender == "-" ? nil : entry.sender)
    json.text("section", entry.section)
    json.text("state", entry.state)
    json.text("reason", entry.unbuiltReason)
    if case .told(let other) = entry.standing { json.text("told_as", other.rawValue) }
    json.text("writing", entry.writing.isEmpty ? nil : entry.writing)
    json.key("aer")
    json.beginArray()
    for expectation in entry.expectations { write(expectation, to: &json) }
    json.endArray()
    json.texts("findings", entry.findingNames)
    json.key("suites")
    json.beginArray()
    for use in uses[entry.id] ?? [] {
      json.beginObject()
      json.text("suite", use.suite)
      json.texts("cases", use.cases)
      json.endObject()
    }
    json.endArray()
    json.endObject()
  }

  private func write(_ expectation: FaultExpectation, to json: inout JSONWriter) {
    json.beginObject()
    json.text("role", expectation.role.rawValue)
    json.text("condition", expectation.condition == .always ? nil : expectation.condition.rawValue)
    json.key("choices")
    json.beginArray()
    for choice in expectation.choices { write(choice, to: &json) }
    json.endArray()
    json.key("may")
    write(expectation.may, to: &json)
    json.endObject()
  }

  private func write(_ reports: [FaultReport], to json: inout JSONWriter) {
    json.beginArray()
    for report in reports {
      json.beginObject()
      json.text("violation", report.name)
      json.text("by", report.path)
      json.endObject()
    }
    json.endArray()
  }
}

extension FaultReport {
  /// The word for how the violation is reported.
  fileprivate var path: String {
    switch self {
    case .logged: "its bit"
    case .advisory: "advisory"
    case .answered: "advisory when non-posted"
    }
  }
}
