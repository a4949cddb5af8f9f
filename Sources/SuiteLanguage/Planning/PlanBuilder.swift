import PCIe

/// Expands the cases of a suite whose shape has been checked.
struct PlanBuilder {
  let root: Node
  let source: SourceText
  let sink: DiagnosticSink
  var suite: Suite

  private static let instancesMax = 100_000
  /// Values to be read for all instances of one case; keeps time and memory in bounds for any file.
  private static let workMax = 20_000_000

  /// The same for all topologies of the suite's matrix.
  private static let topologyWorkMax = 2_000_000

  /// A topology with the suite's matrix values it was built for.
  private struct Setting {
    var topology: Topology
    var values: [String: Node]
    var assignment: [CaseInstance.Assignment]
  }

  /// What all cases share.
  private struct Defaults {
    var timeout: TimeSpan?
    var requirements: [Requirement]
    var setup: Node?
    var suiteKeys: [String]
    var settings: [Setting]
  }

  /// Builds the plan; nil when anything was reported.
  ///
  /// - Complexity: O(instances · steps).
  mutating func build(checkedCases: Set<String>) -> Plan? {
    guard let defaults = defaults() else { return nil }
    var instances: [CaseInstance] = []
    for entry in root.value("cases")?.entries ?? [] where checkedCases.contains(entry.key) {
      instances += build(entry, defaults)
      if instances.count > Self.instancesMax {
        sink.report(.tooManyInstances(limit: Self.instancesMax), at: entry.keySpan)
        return nil
      }
    }
    guard sink.errorCount == 0 else { return nil }
    return Plan(
      suite: suite, topologies: defaults.settings.map(\.topology), instances: instances, source: source)
  }

  private func defaults() -> Defaults? {
    let fields = Fields(root, values: [:])
    let matrix = Matrix.expand(
      fields.entry("matrix"), exclude: fields.entry("exclude"), taken: [], owner: "the suite", sink: sink)
    guard let matrix, let topology = fields.entry("topology")?.value else { return nil }
    guard matrix.assignments.count * topology.size <= Self.topologyWorkMax else {
      sink.report(.tooManyInstances(limit: Self.instancesMax), at: topology.span)
      return nil
    }
    var settings: [Setting] = []
    for assignment in matrix.assignments {
      let values = matrix.values(of: assignment)
      let builder = TopologyBuilder(sink: sink, images: suite.images.map(\.name), values: values)
      guard let topology = builder.build(topology) else { continue }
      settings.append(
        Setting(topology: topology, values: values, assignment: Self.name(matrix.keys, assignment)))
    }
    guard !settings.isEmpty else { return nil }
    do throws(AlreadyReported) {
      return Defaults(
        timeout: try fields.value("timeout", Scalar.duration),
        requirements: try RequirementBuilder.build(fields), setup: fields.entry("setup")?.value,
        suiteKeys: matrix.keys, settings: settings)
    } catch { return nil }
  }

  private static func name(_ keys: [String], _ assignment: [Node]) -> [CaseInstance.Assignment] {
    zip(keys, assignment).map { CaseInstance.Assignment(key: $0, value: $1.text ?? "") }
  }

  private mutating func build(_ entry: Entry, _ defaults: Defaults) -> [CaseInstance] {
    let before = sink.errorCount
    let fields = Fields(entry.value, span: entry.keySpan, values: [:])
    let matrix = Matrix.expand(
      fields.entry("matrix"), exclude: fields.entry("exclude"), taken: defaults.suiteKeys,
      owner: "'\(entry.key)'",
      sink: sink)
    guard let matrix else { return [] }
    let product = matrix.assignments.count * defaults.settings.count
    guard product <= Self.instancesMax, product * entry.value.size <= Self.workMax else {
      sink.report(.tooManyInstances(limit: Self.instancesMax), at: entry.keySpan)
      return []
    }
    var instances: [CaseInstance] = []
    for setting in defaults.settings {
      for assignment in matrix.assignments {
        let values = setting.values.merging(matrix.values(of: assignment)) { $1 }
        let name = InstanceName(
          suite: suite.name, caseName: entry.key,
          assignment: setting.assignment + Self.name(matrix.keys, assignment),
          topologyVaries: defaults.settings.count > 1)
        if let instance = instance(entry, name, setting.topology, values, defaults) {
          instances.append(instance)
        }
      }
    }
    guard sink.errorCount == before, let first = instances.first else { return [] }
    suite.cases.append(
      CaseDescription(
        name: entry.key, about: first.settings.about, tags: first.settings.tags,
        matrixKeys: defaults.suiteKeys + matrix.keys, instanceCount: instances.count, span: entry.keySpan))
    return instances
  }

  private func instance(
    _ entry: Entry, _ name: InstanceName, _ topology: Topology, _ values: [String: Node], _ defaults: Defaults
  ) -> CaseInstance? {
    let before = sink.errorCount
    let fields = Fields(entry.value, span: entry.keySpan, values: values)
    do throws(AlreadyReported) {
      var allowed: Set<Violation> = []
      for text in try fields.texts("allow") {
        guard let violation = Violation(rawValue: text) else { throw AlreadyReported() }
        allowed.insert(violation)
      }
      let builder = StepBuilder(
        topology: topology, values: values, instance: name, allowed: allowed, saved: [:], sink: sink)
      let setup = builder.build(defaults.setup)
      let steps = builder.build(fields.entry("steps")?.value)
      let faults = FaultBuilder(steps: builder).build(fields.entry("faults")?.value)
      let settings = try CaseSettingsBuilder(suite: suite, sink: sink).build(
        fields, timeout: defaults.timeout, requirements: defaults.requirements)
      guard sink.errorCount == before else { return nil }
      return CaseInstance(
        id: name.id, caseName: name.caseName, assignment: name.assignment, topology: topology, setup: setup,
        steps: steps, faults: faults, allowed: allowed, settings: settings, span: entry.keySpan,
        requiresUnbuilt: Unbuilt.parts(topology: topology, steps: setup + steps, faults: faults),
        systemNeeds: builder.systemNeeds)
    } catch { return nil }
  }
}
