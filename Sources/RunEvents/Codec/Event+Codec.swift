extension Event {
  /// Appends the event as one line of JSON, its newline included.
  ///
  /// - Complexity: linear in the bytes of the line.
  public func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field("version", Self.formatVersion)
    json.field("kind", kind.name)
    if let origin {
      json.field("case", origin.instance)
      if origin.attempt != 1 { json.field("try", origin.attempt) }
      json.field("time", unlessZero: time)
    }
    kind.write(to: &json)
    json.endObject()
    json.newline()
  }

  /// The event as one line of JSON, its newline included.
  public var line: [UInt8] {
    var json = JSONWriter()
    write(to: &json)
    return json.bytes
  }

  /// Reads an event from one line; nil when its kind is not known, which is no error.
  ///
  /// - Throws: `json`, `notAnObject`, `version`, `missing`, `wrongValue`.
  public init?(line: ArraySlice<UInt8>) throws(EventError) {
    let value: JSONValue
    do throws(JSONError) { value = try JSONParser.parse(line) } catch { throw .json(error) }
    let head = try RecordFields(value, of: "an event")
    let version = try head.unsigned("version")
    guard version == UInt64(Self.formatVersion) else { throw .version(seen: version) }
    let name = try head.text("kind")
    guard let kind = try Kind(name: name, RecordFields(value, of: name)) else { return nil }
    self.kind = kind
    if let instance = try head.optionalCount("case") {
      origin = CaseKey(instance: instance, attempt: try head.optionalCount("try") ?? 1)
    } else {
      origin = nil
    }
    time = try head.optionalUnsigned("time") ?? 0
    if kind.needsCase && origin == nil { throw .missing(field: "case", of: name) }
  }
}

extension Event.Kind {
  /// The word for the kind in records.
  public var name: String {
    switch self {
    case .runStarted: "run-started"
    case .caseStarted: "case-started"
    case .seedStarted: "seed-started"
    case .stepStarted: "step-started"
    case .stepEnded: "step-ended"
    case .note: "note"
    case .tlp: "tlp"
    case .finding: "finding"
    case .fault: "fault"
    case .capture: "capture"
    case .consoleLine: "console"
    case .test: "test"
    case .slow: "slow"
    case .leak: "leak"
    case .tryEnded: "try-ended"
    case .caseEnded: "case-ended"
    case .workerLost: "worker-lost"
    case .runEnded: "run-ended"
    }
  }

  /// Whether an event of this kind belongs to a case.
  var needsCase: Bool {
    switch self {
    case .runStarted, .runEnded, .workerLost: false
    default: true
    }
  }

  func write(to json: inout JSONWriter) {
    switch self {
    case .runStarted(let content): content.write(to: &json)
    case .caseStarted(let content): content.write(to: &json)
    case .seedStarted(let content): content.write(to: &json)
    case .stepStarted(let content): content.write(to: &json)
    case .stepEnded(let content): content.write(to: &json)
    case .note(let content): content.write(to: &json)
    case .tlp(let content): content.write(to: &json)
    case .finding(let content): content.write(to: &json)
    case .fault(let content): content.write(to: &json)
    case .capture(let content): content.write(to: &json)
    case .consoleLine(let content): content.write(to: &json)
    case .test(let content): content.write(to: &json)
    case .slow(let content): content.write(to: &json)
    case .leak(let content): content.write(to: &json)
    case .tryEnded(let content): content.write(to: &json)
    case .caseEnded(let content): content.write(to: &json)
    case .workerLost(let content): content.write(to: &json)
    case .runEnded(let content): content.write(to: &json)
    }
  }

  init?(name: String, _ fields: RecordFields) throws(EventError) {
    switch name {
    case "run-started": self = .runStarted(try RunStarted(fields))
    case "case-started": self = .caseStarted(try CaseStarted(fields))
    case "seed-started": self = .seedStarted(try SeedStarted(fields))
    case "step-started": self = .stepStarted(try StepStarted(fields))
    case "step-ended": self = .stepEnded(try StepEnded(fields))
    case "note": self = .note(try Note(fields))
    case "tlp": self = .tlp(try TLPRecord(fields))
    case "finding": self = .finding(try Finding(fields))
    case "fault": self = .fault(try StruckFault(fields))
    case "capture": self = .capture(try CaptureFile(fields))
    case "console": self = .consoleLine(try ConsoleLine(fields))
    case "test": self = .test(try TestRecord(fields))
    case "slow": self = .slow(try SlowMark(fields))
    case "leak": self = .leak(try Leak(fields))
    case "try-ended": self = .tryEnded(try CaseOutcome(fields))
    case "case-ended": self = .caseEnded(try CaseOutcome(fields))
    case "worker-lost": self = .workerLost(try WorkerLost(fields))
    case "run-ended": self = .runEnded(try RunEnded(fields))
    default: return nil
    }
  }
}
