extension CaptureFile: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("path", file)
    json.field("records", records)
    json.field("lost", unlessZero: lost)
    json.field("problem", problem)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      file: try fields.text("path"), records: try fields.unsigned("records"),
      lost: try fields.optionalUnsigned("lost") ?? 0, problem: try fields.optionalText("problem"))
  }
}
