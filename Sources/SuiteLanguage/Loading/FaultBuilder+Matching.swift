import PCIe

// What a TLP must look like besides its type, and what nodes must show.
extension FaultBuilder {
  func filter(_ verb: FaultVerb, _ fields: Fields, _ match: FaultMatch?) throws(AlreadyReported)
    -> FaultFilter
  {
    var filter = FaultFilter()
    // In `complete` the tag is that of a completion nobody asked for.
    let keys = ["address", "length", "requester"] + (verb == .complete ? [] : ["tag"])
    guard let first = keys.first(where: fields.has) else { return filter }
    guard case .tlp(let word) = match else {
      throw steps.refuse(.matchesOnlyTLPs(first), at: fields.entry(first)?.keySpan ?? fields.span)
    }
    if fields.has("address") {
      guard word.canCarryAddress else {
        throw steps.refuse(.withoutAddress(word), at: fields.place("address"))
      }
      filter.addresses = try addresses(fields)
    }
    filter.length = try fields.value("length", Scalar.sizeRange)
    if fields.has("requester") { filter.requester = try steps.node(fields, "requester").name }
    if keys.contains("tag"), let tag = try fields.value("tag", Scalar.hex) {
      guard tag < 1024 else { throw steps.refuse(.tooWide("tag", tag, bits: 10), at: fields.place("tag")) }
      filter.tag = UInt16(tag)
    }
    return filter
  }

  private func addresses(_ fields: Fields) throws(AlreadyReported) -> FaultFilter.Addresses {
    switch try fields.required("address", Scalar.addresses) {
    case .range(let range): return .range(range)
    case .region(let name, let word):
      let place = fields.place("address")
      let node = try steps.node(named: name, at: place)
      return .region(node: name, try steps.region(word, of: node, at: place))
    }
  }

  /// Violations by node; only what has a bit that a function can show.
  func expectation(_ fields: Fields) throws(AlreadyReported) -> [String: Set<Violation>]? {
    guard let nodes = fields.entry("expect")?.value.entries else { return nil }
    var expectation: [String: Set<Violation>] = [:]
    for entry in nodes {
      let node = try steps.node(named: entry.key, at: entry.keySpan)
      var violations: Set<Violation> = []
      for item in entry.value.items ?? [] {
        guard let violation = Violation(rawValue: try Fields.resolve(item, fields.values)) else {
          throw AlreadyReported()
        }
        guard violation.uncorrectableBit != nil || violation.correctableBit != nil else {
          throw steps.refuse(.noErrorBit(violation), at: item.span)
        }
        violations.insert(violation)
      }
      expectation[node.name] = violations
    }
    return expectation
  }
}

extension TLPWord {
  /// Whether a TLP of that kind goes to an address.
  var canCarryAddress: Bool {
    switch self {
    case .any, .memoryRead, .memoryWrite: true
    case .configurationRead, .configurationWrite, .completion, .completionWithData, .message: false
    }
  }
}
