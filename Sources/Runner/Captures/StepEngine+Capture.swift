import LinkBroker
import PCIe
import SuiteLanguage

// How a case is captured.
extension StepEngine {
  /// Starts the capture of all links; its clock is that of the case.
  mutating func startCapture(_ wanted: CaseCapture, reusing former: consuming LinkCapture?) {
    let links = topology.description.links.sorted {
      topology.linkNumbers[$0.name] ?? .max < topology.linkNumbers[$1.name] ?? .max
    }
    let span = task.instance.span
    var settings = CaptureSettings(
      interfaces: links.map { link in
        let rate = "\(link.speed.megatransfersPerSecond) MT/s x\(link.width)"
        return .init(name: link.name, text: "\(link.upstream) above \(link.downstream), \(rate)")
      },
      snapLength: wanted.request.snapLength, bytesMax: wanted.request.bytesMax,
      text: "\(task.instance.id), \(task.plan.source.path):\(span.start.line)", application: "pcie-harness")
    settings.faults = faultTexts(striking: nil)
    for kind in TLPKind.allCases {
      guard let word = TLPWord(kind) else { continue }
      let texts = faultTexts(striking: word)
      if texts != settings.faults { settings.faultsByKind[kind] = texts }
    }
    topology.fabric.startCapture(settings, reusing: former)
  }

  /// What is said of a TLP that a rule has touched, by the number of the rule.
  private func faultTexts(striking word: TLPWord?) -> [String] {
    faults.rules.indices.map { index in
      let rule = faults.rules[index]
      let place = "\(task.plan.source.path):\(rule.span.start.line)"
      return "\(rule.participle) by \(faults.id(index, striking: word).rawValue), \(place)"
    }
  }
}
