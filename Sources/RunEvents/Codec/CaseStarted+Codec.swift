extension CaseStarted: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("suite", suite)
    json.field("id", id)
    json.field("seed", hexadecimal: seed)
    json.field("case_seed", hexadecimal: caseSeed)
    span.write(to: &json)
    json.field("tries", triesMax)
    json.field("slot", slot)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      suite: try fields.count("suite"), id: try fields.text("id"), seed: try fields.hexadecimal("seed"),
      caseSeed: try fields.hexadecimal("case_seed"), span: try SourceSpan(fields),
      triesMax: try fields.count("tries"), slot: try fields.optionalCount("slot"))
  }
}

extension SeedStarted: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("index", index)
    json.field("count", count)
    json.field("seed", hexadecimal: seed)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      index: try fields.count("index"), count: try fields.count("count"),
      seed: try fields.hexadecimal("seed"))
  }
}

extension SlowMark: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("elapsed_ps", elapsed)
    json.field("clock", clock.rawValue)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(elapsed: try fields.unsigned("elapsed_ps"), clock: try fields.word("clock", Clock.self))
  }
}

extension Leak: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("node", node)
    json.field("pid", pid)
    json.field("command", command)
    json.field("killed", killed)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      node: try fields.text("node"), pid: try fields.count("pid"), command: try fields.text("command"),
      killed: try fields.flag("killed"))
  }
}
