extension StepBuilder {
  /// The data source under a key that must be there.
  func data(_ fields: Fields, _ key: String = "data") throws(AlreadyReported) -> DataSource {
    guard let own = fields.object(key) else { throw AlreadyReported() }
    let source = try dataSource(own)
    if let length = source.length, length > Self.transferMax {
      throw refuse(
        .transferSize(length, limit: Self.transferMax), at: own.entries.first?.value.span ?? own.span)
    }
    return source
  }

  private func dataSource(_ own: Fields) throws(AlreadyReported) -> DataSource {
    if let bytes = try own.value("bytes", Scalar.bytes) { return .bytes(bytes) }
    if own.has("fill") {
      return .fill(try byte(own, "fill"), length: try own.required("length", Scalar.size))
    }
    if let length = try own.value("count", Scalar.size) {
      return .count(length: length, start: own.has("start") ? try byte(own, "start") : 0)
    }
    if let length = try own.value("random", Scalar.size) { return .random(length: length) }
    if let path = try own.text("file") { return .file(path: path) }
    for key in ["saved", "inverted"] {
      guard let name = try own.text(key) else { continue }
      guard saved[name] != nil else {
        throw refuse(.unsaved(name, saved.keys.sorted()), at: own.place(key))
      }
      return key == "saved" ? .saved(name) : .inverted(name)
    }
    throw AlreadyReported()
  }

  private func byte(_ fields: Fields, _ key: String) throws(AlreadyReported) -> UInt8 {
    let value = try fields.required(key, Scalar.hex)
    guard let byte = UInt8(exactly: value) else {
      throw refuse(.tooWide(key, value, bits: 8), at: fields.place(key))
    }
    return byte
  }

  /// The length of a source, as far as it is known before the run.
  func length(of source: DataSource) -> UInt64? {
    switch source {
    case .saved(let name), .inverted(let name): saved[name] ?? nil
    default: source.length
    }
  }

  /// The name under which a write keeps what it sends.
  func save(_ fields: Fields, _ source: DataSource) throws(AlreadyReported) -> String? {
    guard let name = try fields.value("save", Scalar.name) else { return nil }
    saved[name] = .some(length(of: source))
    return name
  }

  /// What a read of so many bytes must give.
  func readExpectation(_ fields: Fields, length: UInt64) throws(AlreadyReported) -> ReadExpectation {
    guard let own = fields.object("expect") else { return ReadExpectation() }
    let status: ExpectedStatus = try own.choice("status") ?? .successful
    var expectation = ReadExpectation(status: status)
    if own.has("data") {
      let source = try data(own)
      if status != .successful, status != .poisoned, status != .any {
        throw refuse(.statusWithoutData(status), at: own.entry("data")?.keySpan ?? own.span)
      }
      if let expected = self.length(of: source), expected != length {
        throw refuse(.dataLength(expected, read: length), at: own.place("data"))
      }
      expectation.data = source
    }
    if let mask = try own.value("mask", Scalar.bytes) {
      if expectation.data == nil {
        throw refuse(.maskWithoutData, at: own.entry("mask")?.keySpan ?? own.span)
      }
      if UInt64(mask.count) != length {
        throw refuse(.maskLength(mask.count, read: length), at: own.place("mask"))
      }
      expectation.mask = mask
    }
    return expectation
  }

  /// A length within what a step may move.
  func transferLength(_ fields: Fields) throws(AlreadyReported) -> UInt64 {
    let length = try fields.required("length", Scalar.size)
    guard length <= Self.transferMax else {
      throw refuse(.transferSize(length, limit: Self.transferMax), at: fields.place("length"))
    }
    return length
  }
}
