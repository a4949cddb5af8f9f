extension SourceSpan: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("file", file)
    json.field("line", line)
    json.field("column", column)
    json.field("length", length)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      line: try fields.count("line"), column: try fields.count("column"), length: try fields.count("length"),
      file: try fields.optionalText("file"))
  }
}

extension RecordFields {
  fileprivate func stepIndex(_ key: String) throws(EventError) -> StepIndex {
    guard let index = StepIndex(try text(key)) else { throw wrong(key, "a place such as '2/3'") }
    return index
  }
}

extension StepPlace: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("step", index.description)
    span.write(to: &json)
    json.field("excerpt", excerpt)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      index: try fields.stepIndex("step"), span: try SourceSpan(fields), excerpt: try fields.text("excerpt"))
  }
}

extension StepStarted: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("step", index.description)
    span.write(to: &json)
    json.field("text", text)
    json.field("excerpt", excerpt)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      index: try fields.stepIndex("step"), span: try SourceSpan(fields), text: try fields.text("text"),
      excerpt: try fields.optionalText("excerpt"))
  }
}

extension StepEnded: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("step", index.description)
    json.field("status", status.rawValue)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(index: try fields.stepIndex("step"), status: try fields.word("status", StepStatus.self))
  }
}

extension Note: EventRecord {
  func write(to json: inout JSONWriter) { json.field("text", text) }

  init(_ fields: RecordFields) throws(EventError) { self.init(try fields.text("text")) }
}
