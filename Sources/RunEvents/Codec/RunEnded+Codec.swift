extension RunEnded: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("selected", totals.selected)
    json.field("passed", totals.passed)
    json.field("failed", totals.failed)
    json.field("errors", totals.errors)
    json.field("skipped", totals.skipped)
    json.field("known_failures", totals.knownFailures)
    json.field("flaky", totals.flaky)
    json.field("signal", signal)
    json.field("wall_ns", wallNanoseconds)
  }

  init(_ fields: RecordFields) throws(EventError) {
    let totals = RunTotals(
      selected: try fields.count("selected"), passed: try fields.count("passed"),
      failed: try fields.count("failed"), errors: try fields.count("errors"),
      skipped: try fields.count("skipped"), knownFailures: try fields.count("known_failures"),
      flaky: try fields.count("flaky"))
    self.init(
      totals: totals, signal: try fields.optionalCount("signal"),
      wallNanoseconds: try fields.optionalUnsigned("wall_ns"))
  }
}

extension WorkerLost: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("cause", cause)
    json.field("slot", slot)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(cause: try fields.text("cause"), slot: try fields.optionalCount("slot"))
  }
}
