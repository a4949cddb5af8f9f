extension StruckFault: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("rule", rule)
    json.field("id", id)
    json.field("verb", verb)
    span.write(to: &json)
    json.field("link", link)
    json.field("source", source)
    json.field("tlp", tlp)
    json.field("words", words)
    json.field("dllp", dllp)
    json.field("match", unlessZero: match)
    json.field("drawn", unlessZero: drawn)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      rule: try fields.count("rule"), id: try fields.text("id"), verb: try fields.text("verb"),
      span: try SourceSpan(fields), link: try fields.optionalText("link"),
      source: try fields.optionalText("source"), tlp: try fields.optionalText("tlp"),
      words: try fields.texts("words"), dllp: try fields.optionalText("dllp"),
      match: try fields.optionalUnsigned("match") ?? 0, drawn: try fields.optionalUnsigned("drawn") ?? 0)
  }
}

extension FaultTally: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("injected", injected)
    json.field("detected", detected)
    json.field("recovered", recovered)
    json.field("detection_ps", detectionTime)
    json.field("cells", matrix.cells)
  }

  init(_ fields: RecordFields) throws(EventError) {
    var cells: [FaultCell] = []
    for cell in try fields.objects("cells") { cells.append(try FaultCell(cell)) }
    self.init(
      injected: try fields.unsigned("injected"), detected: try fields.unsigned("detected"),
      recovered: try fields.unsigned("recovered"),
      detectionTime: try fields.optionalUnsigned("detection_ps"), matrix: FaultMatrix(cells))
  }
}

extension FaultCell: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("fault", fault)
    json.field("tlp", tlp)
    json.field("outcome", outcome.rawValue)
    json.field("count", count)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      fault: try fields.text("fault"), tlp: try fields.text("tlp"),
      outcome: try fields.word("outcome", FaultOutcome.self), count: try fields.unsigned("count"))
  }
}
