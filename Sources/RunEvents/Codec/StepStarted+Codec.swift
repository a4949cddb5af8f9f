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
