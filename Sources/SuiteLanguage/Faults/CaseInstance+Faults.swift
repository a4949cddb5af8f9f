public import PCIe

extension CaseInstance {
  /// Tells the kinds of the case's faults.
  public var classifier: FaultClassifier {
    var limits: [TimeSpan] = []
    for step in setup + steps { Self.collectTimeout(step, &limits) }
    return FaultClassifier(topology: topology, completionTimeouts: limits)
  }

  /// The kind of each fault rule, in the order of the rules.
  public var faultIDs: [FaultID] {
    let classifier = classifier
    return faults.map { classifier.id(of: $0) }
  }

  /// The kinds of fault that the case brings about, by its rules and by its steps, each once and in the order
  /// of the catalogue.
  public var exercisedFaults: [FaultID] {
    var ids = Set(faultIDs)
    for step in setup + steps { collectFault(step, &ids) }
    return FaultID.allCases.filter(ids.contains)
  }

  private func collectFault(_ step: Step, _ ids: inout Set<FaultID>) {
    switch step.action {
    case .repeat(_, let steps): for step in steps { collectFault(step, &ids) }
    case .parallel(let branches): for step in branches.joined() { collectFault(step, &ids) }
    default:
      if let id = FaultClassifier.id(of: step, in: topology) ?? FaultClassifier.armed(by: step) {
        ids.insert(id)
      }
    }
  }

  /// A step's own limit is also that of the requests it sends.
  private static func collectTimeout(_ step: Step, _ limits: inout [TimeSpan]) {
    switch step.action {
    case .memoryRead, .dmaRead, .configurationRead, .configurationWrite:
      limits.append(step.timeout ?? FaultClassifier.defaultCompletionTimeout)
    case .repeat(_, let steps): for step in steps { collectTimeout(step, &limits) }
    case .parallel(let branches): for step in branches.joined() { collectTimeout(step, &limits) }
    default: break
    }
  }
}

extension TLPWord {
  /// The word that matches a TLP of that kind; nil for kinds that only `any` matches.
  public init?(_ kind: TLPKind) {
    switch kind {
    case .memoryRead, .memoryReadLocked: self = .memoryRead
    case .memoryWrite: self = .memoryWrite
    case .configurationRead0, .configurationRead1: self = .configurationRead
    case .configurationWrite0, .configurationWrite1: self = .configurationWrite
    case .completion, .completionLocked: self = .completion
    case .completionWithData, .completionLockedWithData: self = .completionWithData
    case .message, .messageWithData: self = .message
    case .ioRead, .ioWrite, .fetchAdd, .swap, .compareAndSwap: return nil
    }
  }
}
