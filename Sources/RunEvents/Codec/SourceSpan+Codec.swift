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

extension StepPlace: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("step", index?.description)
    span.write(to: &json)
    json.field("excerpt", excerpt)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      index: try fields.optionalStepIndex("step"), span: try SourceSpan(fields),
      excerpt: try fields.text("excerpt"))
  }
}
