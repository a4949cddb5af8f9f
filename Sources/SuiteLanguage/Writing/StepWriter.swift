import PCIe

/// Writes steps as the language spells them.
enum StepWriter {
  /// A list of steps, one item for each, on lines of their own.
  static func lines(_ steps: [Step], indent: Int) -> [String] {
    steps.flatMap { lines($0, indent: indent) }
  }

  private static func lines(_ step: Step, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    switch step.action {
    case .repeat(let times, let steps):
      return ["\(margin)- repeat:", "\(margin)    times: \(times)", "\(margin)    steps:"]
        + lines(steps, indent: indent + 6)
    case .parallel(let branches):
      return ["\(margin)- parallel:", "\(margin)    branches:"]
        + branches.flatMap { branch in
          ["\(margin)      -"] + lines(branch, indent: indent + 8)
        }
    default: return ["\(margin)- \(step.verb.rawValue): \(flow(step))"]
    }
  }

  /// The fields of a step that holds no other steps.
  static func flow(_ step: Step) -> String {
    var fields = YAMLFlow()
    switch step.action {
    case .configurationRead(let read): add(read, step, &fields)
    case .configurationWrite(let write): add(write, step, &fields)
    case .memoryRead(let read):
      fields.add("by", read.requester)
      add(read.target, "from", &fields)
      fields.add("length", SizeUnit.spell(read.length))
      fields.add("save", read.expectation.save)
      end(step, read.expectation, &fields)
    case .memoryWrite(let write):
      fields.add("by", write.requester)
      add(write.target, "to", &fields)
      add(write.data, save: write.save, &fields)
    case .dmaRead(let read):
      fields.add("by", read.requester)
      fields.add("address", hex: read.address)
      fields.add("length", SizeUnit.spell(read.length))
      end(step, read.expectation, &fields)
    case .dmaWrite(let write):
      fields.add("by", write.requester)
      fields.add("address", hex: write.address)
      add(write.data, save: write.save, &fields)
    case .msix(let request):
      fields.add("by", request.node)
      fields.add("vector", count: request.vector)
    case .repeat, .parallel: preconditionFailure("steps that hold steps are written as blocks")
    default: addControl(step, &fields)
    }
    return fields.text
  }

  private static func add(_ read: Step.ConfigurationRead, _ step: Step, _ fields: inout YAMLFlow) {
    fields.add("by", read.requester)
    fields.add("to", read.function.text)
    fields.add("capability", read.capability?.rawValue)
    fields.add("offset", hex: read.offset)
    fields.add("size", count: read.size)
    end(step, read.expectation, &fields)
  }

  private static func add(_ write: Step.ConfigurationWrite, _ step: Step, _ fields: inout YAMLFlow) {
    fields.add("by", write.requester)
    fields.add("to", write.function.text)
    fields.add("capability", write.capability?.rawValue)
    fields.add("offset", hex: write.offset)
    fields.add("size", count: write.size)
    fields.add("data", yaml: text(write.data))
    fields.add("timeout", step.timeout?.suiteText)
    if write.status != .successful { fields.add("expect", yaml: "{status: \(write.status.rawValue)}") }
  }

  private static func add(_ target: MemoryTarget, _ key: String, _ fields: inout YAMLFlow) {
    switch target {
    case .address(let address): fields.add("address", hex: address)
    case .region(let function, let region, let offset):
      fields.add(key, "\(function.text).\(region.name)")
      fields.add("offset", hex: offset)
    }
  }

  private static func add(_ data: DataSource, save: String?, _ fields: inout YAMLFlow) {
    fields.add("data", yaml: text(data))
    fields.add("save", save)
  }

  private static func end(_ step: Step, _ expectation: ReadExpectation, _ fields: inout YAMLFlow) {
    fields.add("timeout", step.timeout?.suiteText)
    var own = YAMLFlow()
    if expectation.status != .successful { own.add("status", expectation.status.rawValue) }
    own.add("data", yaml: expectation.data.map(text))
    own.add("mask", expectation.mask.map(text))
    if !own.isEmpty { fields.add("expect", yaml: own.text) }
  }
}

// Parts of steps.
extension StepWriter {
  static func text(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
  }

  static func text(_ data: DataSource) -> String {
    var fields = YAMLFlow()
    switch data {
    case .bytes(let bytes): fields.add("bytes", text(bytes))
    case .fill(let byte, let length):
      fields.add("fill", hex: byte)
      fields.add("length", SizeUnit.spell(length))
    case .count(let length, let start):
      fields.add("count", SizeUnit.spell(length))
      if start != 0 { fields.add("start", hex: start) }
    case .random(let length): fields.add("random", SizeUnit.spell(length))
    case .file(let path): fields.add("file", path)
    case .saved(let name): fields.add("saved", name)
    case .inverted(let name): fields.add("inverted", name)
    }
    return fields.text
  }
}

extension TimeSpan {
  /// The time in the units of suites, of which the nanosecond is the least; what is shorter is rounded up.
  var suiteText: String {
    let rest = picoseconds % TimeUnit.nanoseconds.picoseconds
    if rest == 0 { return description }
    let sum = picoseconds.addingReportingOverflow(TimeUnit.nanoseconds.picoseconds - rest)
    return TimeSpan(picoseconds: sum.overflow ? picoseconds - rest : sum.partialValue).description
  }
}
