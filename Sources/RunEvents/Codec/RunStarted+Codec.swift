extension RunStarted: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("run", run)
    json.field("product", product)
    json.field("seed", hexadecimal: seed)
    json.field("clock", clock.rawValue)
    json.field("suites", suites)
    json.field("slots", slots)
    json.field("partition", partition)
  }

  init(_ fields: RecordFields) throws(EventError) {
    var suites: [SuiteSummary] = []
    for suite in try fields.objects("suites") { suites.append(try SuiteSummary(suite)) }
    self.init(
      run: try fields.text("run"), product: try fields.text("product"), seed: try fields.hexadecimal("seed"),
      clock: try fields.word("clock", Clock.self), suites: suites, slots: try fields.optionalCount("slots"),
      partition: try fields.optionalText("partition"))
  }
}

extension SuiteSummary: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("name", name)
    json.field("path", path)
    json.field("cases", cases)
    json.field("boards", boards)
  }

  init(_ fields: RecordFields) throws(EventError) {
    var boards: [BoardSummary] = []
    for board in try fields.objects("boards") { boards.append(try BoardSummary(board)) }
    self.init(
      name: try fields.text("name"), path: try fields.text("path"), cases: try fields.count("cases"),
      boards: boards)
  }
}

extension BoardSummary: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("name", name)
    json.field("architecture", architecture)
    json.field("version", version)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      name: try fields.text("name"), architecture: try fields.optionalText("architecture"),
      version: try fields.optionalText("version"))
  }
}
