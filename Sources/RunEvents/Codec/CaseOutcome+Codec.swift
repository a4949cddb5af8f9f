extension CaseOutcome: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("verdict", verdict.word)
    json.field("type", verdict.type)
    if !message.isEmpty { json.field("message", message) }
    json.field("failure", failure)
    json.field("duration_ps", duration)
    json.field("wall_ns", wallNanoseconds)
    json.field("steps", unlessZero: counts.steps)
    json.field("checks", unlessZero: counts.checks)
    json.field("tlps", unlessZero: counts.tlps)
    json.field("seeds", seeds)
    json.field("faults", faults)
  }

  init(_ fields: RecordFields) throws(EventError) {
    let word = try fields.text("verdict")
    guard let verdict = Verdict(word: word, type: try fields.optionalText("type")) else {
      throw fields.wrong("verdict", "passed, failed, error or skipped with a type that belongs to it")
    }
    let counts = CaseCounts(
      steps: try fields.optionalUnsigned("steps") ?? 0, checks: try fields.optionalUnsigned("checks") ?? 0,
      tlps: try fields.optionalUnsigned("tlps") ?? 0)
    var failure: FailureDetail?
    if let detail = try fields.object("failure") { failure = try FailureDetail(detail) }
    var seeds: SeedRuns?
    if let runs = try fields.object("seeds") { seeds = try SeedRuns(runs) }
    var faults: FaultTally?
    if let tally = try fields.object("faults") { faults = try FaultTally(tally) }
    self.init(
      verdict, message: try fields.optionalText("message") ?? "", failure: failure,
      duration: try fields.unsigned("duration_ps"), wallNanoseconds: try fields.optionalUnsigned("wall_ns"),
      counts: counts, seeds: seeds, faults: faults)
  }
}

extension SeedRuns: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("run", run)
    json.field("count", count)
    json.field("failing", hexadecimal: failing)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      run: try fields.count("run"), count: try fields.count("count"),
      failing: try fields.optionalHexadecimal("failing"))
  }
}

extension FailureDetail: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("step", step)
    json.field("facts", facts)
    json.field("links", links)
    json.field("nodes", nodes)
    json.field("captures", captures)
    json.field("subject", subject)
    json.field("minimal", minimal)
  }

  init(_ fields: RecordFields) throws(EventError) {
    var step: StepPlace?
    if let place = try fields.object("step") { step = try StepPlace(place) }
    var links: [LinkTotal] = []
    for link in try fields.objects("links") { links.append(try LinkTotal(link)) }
    self.init(
      step: step, facts: try fields.texts("facts"), links: links, nodes: try fields.texts("nodes"),
      captures: try fields.texts("captures"))
    subject = try fields.optionalText("subject")
    if let own = try fields.object("minimal") { minimal = try MinimalCase(own) }
  }
}

extension MinimalCase: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("faults", faults)
    json.field("steps", steps)
    json.field("runs", runs)
    json.field("suite", suite)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      faults: try fields.count("faults"), steps: try fields.count("steps"), runs: try fields.count("runs"),
      suite: try fields.text("suite"))
  }
}

extension LinkTotal: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("link", link)
    json.field("tlps", tlps)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(link: try fields.text("link"), tlps: try fields.unsigned("tlps"))
  }
}
