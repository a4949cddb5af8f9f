import Endpoints
import LinkBroker
import PCIe
import SuiteLanguage

extension CaseTopology {
  /// What a counter stands at; nil for one that is not counted on this topology.
  func value(of counter: CounterReference) -> UInt64? {
    switch counter {
    case .link(let name, let counter):
      guard let link = linkNumbers[name] else { return nil }
      return value(of: counter, link)
    case .node(let name, let counter): return value(of: counter, node: name)
    }
  }

  private func value(of counter: LinkCounter, _ link: Int) -> UInt64? {
    let down = fabric.counters(ofLink: link, downstream: true)
    let up = fabric.counters(ofLink: link, downstream: false)
    let isDataLink = fabric.configuration(ofLink: link).layer == .dataLink
    func sum(_ kinds: TLPKind...) -> UInt64 { kinds.reduce(0) { $0 + down[$1] + up[$1] } }
    switch counter {
    case .memoryWrites: return sum(.memoryWrite)
    case .memoryReads: return sum(.memoryRead, .memoryReadLocked)
    case .completions: return sum(.completion, .completionLocked)
    case .completionsWithData: return sum(.completionWithData, .completionLockedWithData)
    case .configurationReads: return sum(.configurationRead0, .configurationRead1)
    case .configurationWrites: return sum(.configurationWrite0, .configurationWrite1)
    case .messages: return sum(.message, .messageWithData)
    case .inputOutput: return sum(.ioRead, .ioWrite)
    case .atomics: return sum(.fetchAdd, .swap, .compareAndSwap)
    case .tlps: return down.tlps + up.tlps
    case .bytes: return down.payloadBytes + up.payloadBytes
    case .replays: return isDataLink ? down.replays + up.replays : nil
    case .acks: return isDataLink ? down.acks + up.acks : nil
    case .naks: return isDataLink ? down.naks + up.naks : nil
    }
  }

  private func value(of counter: NodeCounter, node name: String) -> UInt64? {
    if let function = endpoints[name]?.function {
      switch counter {
      case .msix: return function.counters.msix
      case .msi: return function.counters.msi
      case .intx: return function.counters.intx
      default: break
      }
      // Only the program itself knows what it has asked for.
      guard !(endpoints[name] is OutsideEndpoint) else { return nil }
      switch counter {
      case .requests: return function.requester.requestCount
      case .completions: return function.requester.completionCount
      default: return function.requester.timeoutCount
      }
    }
    guard name == description.root?.name else { return nil }
    if description.hasOutsideRoot {
      guard counter == .msix, rawDevices.isEmpty else { return nil }
      return outsideHosts().reduce(0) { $0 + $1.interruptCount }
    }
    switch counter {
    case .msix: return rootComplex.core.interrupts.msixCount
    case .msi: return rootComplex.core.interrupts.msiCount
    case .intx: return rootComplex.core.interrupts.intxCount
    case .requests: return rootComplex.core.requester.requestCount
    case .completions: return rootComplex.core.requester.completionCount
    case .timeouts: return rootComplex.core.requester.timeoutCount
    }
  }

  /// The places of the program that is the root complex, one for each of its links; none where a model is.
  ///
  /// - Parameter source: a node; only the place above it then.
  func outsideHosts(above source: String? = nil) -> [OutsidePort] {
    guard let root = description.root, let ends = outside?[root.name]?.ends else { return [] }
    let link = source.flatMap { description.rootLink(to: $0)?.name }
    return ends.filter { link == nil || $0.link == link }.compactMap { $0.place as? OutsidePort }
  }

  /// The TLPs that have crossed all links since enumeration.
  var tlpCount: UInt64 {
    (0..<fabric.linkCount).reduce(0) { sum, link in
      sum + fabric.counters(ofLink: link, downstream: true).tlps
        + fabric.counters(ofLink: link, downstream: false).tlps
    }
  }
}
