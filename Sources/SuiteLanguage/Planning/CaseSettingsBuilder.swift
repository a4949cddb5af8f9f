/// Builds what the runner needs to know of a case besides its steps.
struct CaseSettingsBuilder {
  let suite: Suite
  let sink: DiagnosticSink

  func build(
    _ fields: Fields, timeout: TimeSpan?, requirements: [Requirement]
  ) throws(AlreadyReported) -> CaseSettings {
    var tags = suite.tags
    for tag in try fields.texts("tags") where !tags.contains(tag) { tags.append(tag) }
    return CaseSettings(
      about: try fields.text("about"), tags: tags, isSlow: try fields.value("slow", Scalar.bool) ?? false,
      isExclusive: try fields.value("exclusive", Scalar.bool) ?? false,
      timeout: try fields.value("timeout", Scalar.duration) ?? timeout ?? CaseSettings.defaultTimeout,
      seed: try fields.value("seed", Scalar.hex) ?? suite.seed,
      seedCount: try count(fields, "seeds", 1...1_000_000) ?? 1,
      retries: try count(fields, "retries", 0...100) ?? 0,
      requirements: requirements + (try RequirementBuilder.build(fields)),
      knownFailure: try knownFailure(fields))
  }

  private func count(
    _ fields: Fields, _ key: String, _ range: ClosedRange<UInt64>
  ) throws(AlreadyReported) -> Int? {
    guard let value = try fields.value(key, Scalar.count) else { return nil }
    guard range.contains(value) else {
      sink.report(.outOfRange(key, value, range), at: fields.place(key))
      throw AlreadyReported()
    }
    return Int(value)
  }

  private func knownFailure(_ fields: Fields) throws(AlreadyReported) -> KnownFailure? {
    guard let own = fields.object("known_failure") else { return nil }
    return KnownFailure(reason: try own.required("reason"), issue: try own.required("issue"))
  }
}

/// Builds the `requires` list of a suite, case or board.
enum RequirementBuilder {
  static func build(_ fields: Fields) throws(AlreadyReported) -> [Requirement] {
    var requirements: [Requirement] = []
    for item in fields.entry("requires")?.value.items ?? [] {
      let own = Fields(item, values: fields.values)
      let probe = try own.texts("probe")
      requirements.append(
        Requirement(
          tool: try own.required("tool"), version: try own.value("version", Scalar.version),
          probe: probe.isEmpty ? ["--version"] : probe, matches: try own.text("matches"),
          hint: try own.required("hint"),
          span: item.span))
    }
    return requirements
  }
}
