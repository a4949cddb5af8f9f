/// Tells which kind of fault a rule brings about.
///
/// A rule that matches TLPs of any type has one id as it stands in the suite, and a sharper one when the type
/// of the TLP that it has struck is known.
public struct FaultClassifier: Sendable {
  /// The wiring of the case; it decides whether a new speed or width is a lower one.
  public var topology: Topology
  /// The shortest time that a requester of the case waits for a completion.
  public var completionTimeout: TimeSpan
  /// The longest time that a request of the case's steps is waited for.
  public var longestCompletionTimeout: TimeSpan

  /// What requesters wait when nothing else is said.
  ///
  /// - Source: PCI Express Base 5.0, 2.8: 50 us to 50 ms is the default range.
  public static let defaultCompletionTimeout = TimeSpan.milliseconds(50)

  /// A classifier for requests that are waited for as long as the limits say, or as by default without any.
  public init(topology: Topology, completionTimeouts: [TimeSpan] = []) {
    self.topology = topology
    completionTimeout = completionTimeouts.min() ?? Self.defaultCompletionTimeout
    longestCompletionTimeout = completionTimeouts.max() ?? Self.defaultCompletionTimeout
  }

  /// The kind of fault.
  ///
  /// `struck` is the type of a TLP that the rule has struck; without it the rule's own match counts.
  public func id(of rule: FaultRule, striking struck: TLPWord? = nil) -> FaultID {
    let thing = Thing(rule.trigger, struck)
    switch rule.action {
    case .drop: return drop(rule.trigger, thing)
    case .delay(let limit): return delay(rule.trigger, thing, limit)
    case .duplicate: return duplicate(rule.trigger, thing)
    case .corrupt(let field, let value): return corrupt(thing, field, value)
    case .poison: return poison(thing)
    case .complete(let completion): return complete(rule.trigger, thing, completion)
    case .starve: return .starvation
    case .linkDown: return rule.trigger.duration == nil ? .deviceRemoved : .linkDown
    case .kill: return .deviceKilled
    case .hang: return .deviceHangs
    case .perform(let step): return id(of: step)
    }
  }

  /// What a rule strikes.
  enum Thing: Hashable {
    case tlp(TLPWord)
    /// A TLP below Ack and Nak.
    case frame
    case dllp(DLLPWord)
    case interrupt

    init(_ trigger: FaultTrigger, _ struck: TLPWord?) {
      switch trigger.match {
      case .dllp(let word): self = .dllp(word)
      case .tlp, .msix, nil:
        if trigger.layer == .dataLink {
          self = .frame
        } else if case .msix = trigger.match {
          self = .interrupt
        } else if case .tlp(let word) = trigger.match {
          self = .tlp(word == .any ? struck ?? .any : word)
        } else {
          self = .tlp(struck ?? .any)
        }
      }
    }
  }
}

extension FaultClassifier {
  private func drop(_ trigger: FaultTrigger, _ thing: Thing) -> FaultID {
    switch thing {
    case .frame: return .frameLost
    case .dllp(.ack): return trigger.strikesAll ? .acksBlocked : .ackLost
    case .dllp(.nak): return .nakLost
    case .dllp(.updateFC): return .updateLost
    case .interrupt: return .interruptLost
    case .tlp(let word):
      switch word {
      case .any: return .anyLost
      case .memoryWrite, .message: return .postedLost
      case .completion, .completionWithData: return .completionTimeout
      case .memoryRead where trigger.strikesAll && trigger.filter.addresses != nil: return .deviceHangsPartly
      case .memoryRead, .configurationRead, .configurationWrite: return .requestLost
      }
    }
  }

  private func delay(_ trigger: FaultTrigger, _ thing: Thing, _ limit: DelayLimit) -> FaultID {
    switch limit {
    case .time(let least, _): return delay(trigger, thing, by: least)
    case .behind(let word): return hold(thing, behind: word)
    }
  }

  private func delay(_ trigger: FaultTrigger, _ thing: Thing, by least: TimeSpan) -> FaultID {
    switch thing {
    case .frame, .dllp: return .frameDelayed
    case .interrupt: return .interruptDelayed
    case .tlp(.completion), .tlp(.completionWithData):
      if least >= completionTimeout { return .completionLate }
      if case .every = trigger.selection { return .deviceSlow }
      return .delayed
    case .tlp: return .delayed
    }
  }

  /// Which of two things may pass the other.
  ///
  /// - Source: PCI Express Base 5.0, 2.4.1 table 2-40: nothing passes a posted request, and a posted request
  ///   passes what is not posted.
  private func hold(_ thing: Thing, behind word: BehindWord) -> FaultID {
    switch (thing, word) {
    case (.frame, _), (.dllp, _): .frameDelayed
    case (.tlp(.memoryWrite), .msix): .interruptBeforeData
    case (.tlp(.memoryWrite), _), (.tlp(.message), _), (.interrupt, _): .postedReordered
    case (.tlp(.completion), .sameRequest), (.tlp(.completionWithData), .sameRequest): .piecesReordered
    case (.tlp(.completion), .otherRequest), (.tlp(.completionWithData), .otherRequest): .requestsReordered
    case (.tlp, _): .reordered
    }
  }

  private func duplicate(_ trigger: FaultTrigger, _ thing: Thing) -> FaultID {
    switch thing {
    case .frame: return .sequenceRepeated
    case .dllp: return .dllpRepeated
    case .interrupt: return .interruptRepeated
    case .tlp(let word):
      switch word {
      case .any: return .anyRepeated
      case .memoryWrite, .message: return .postedRepeated
      case .completion, .completionWithData: return .completionRepeated
      case .memoryRead, .configurationRead, .configurationWrite: return .requestRepeated
      }
    }
  }

  private func poison(_ thing: Thing) -> FaultID {
    switch thing {
    case .tlp(.memoryWrite), .interrupt: .poisonedWrite
    case .tlp(.completionWithData): .poisonedCompletion
    case .tlp(.configurationWrite): .poisonedConfigurationWrite
    case .tlp, .frame, .dllp: .poisoned
    }
  }

  private func complete(_ trigger: FaultTrigger, _ thing: Thing, _ completion: FaultCompletion) -> FaultID {
    if completion.unasked != nil { return .unexpectedCompletion }
    switch completion.status {
    case .nak: return trigger.strikesInARow >= 4 ? .nakStorm : .singleNak
    case .unsupportedRequest: return .unsupportedRequest
    case .completerAbort: return .completerAbort
    case .successful: return completion.split == nil ? .answered : .completionSplit
    case .requestRetry:
      if thing == .tlp(.memoryRead) { return .memoryRequestRetry }
      return trigger.duration.map { $0 > .seconds(1) } ?? false ? .retryForLong : .requestRetry
    }
  }
}

extension FaultTrigger {
  /// How many matches in a row the rule strikes; the most there are for no bound.
  var strikesInARow: UInt64 { selection == .every(1) ? times ?? .max : 1 }

  /// Whether every match is struck.
  var strikesAll: Bool { strikesInARow == .max }
}
