extension TestRecord: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("node", node)
    json.field("name", name)
    json.field("outcome", outcome.rawValue)
    json.field("lines", lines)
    json.field("nanoseconds", nanoseconds)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      node: try fields.text("node"), name: try fields.text("name"), try fields.word("outcome", Outcome.self),
      lines: try fields.texts("lines"), nanoseconds: try fields.optionalUnsigned("nanoseconds"))
  }
}
