public import PCIe

/// A fault that a case arms, and when it strikes.
public struct FaultRule: Hashable, Sendable {
  public var action: Action
  public var trigger: FaultTrigger
  /// What nodes must show in place of what the catalogue says, exactly; nil leaves it to the catalogue.
  public var expectation: [String: Set<Violation>]?
  /// From the verb to the end of its fields.
  public var span: SourceSpan

  init(
    action: Action, trigger: FaultTrigger, expectation: [String: Set<Violation>]?, span: SourceSpan
  ) {
    self.action = action
    self.trigger = trigger
    self.expectation = expectation
    self.span = span
  }

  /// A rule that stands in no file, after which nodes must show what the catalogue says.
  public init(_ action: Action, _ trigger: FaultTrigger) {
    self.init(action: action, trigger: trigger, expectation: nil, span: .nowhere)
  }

  /// What happens when the rule strikes, one case for each fault verb.
  public indirect enum Action: Hashable, Sendable {
    case drop
    case delay(DelayLimit)
    case duplicate
    case corrupt(CorruptField, value: UInt64?)
    case poison
    case complete(FaultCompletion)
    case starve(CreditKind)
    case linkDown
    case kill(node: String)
    case hang(node: String)
    case perform(Step)
  }

  /// The verb as suites spell it.
  public var verb: FaultVerb {
    switch action {
    case .drop: .drop
    case .delay: .delay
    case .duplicate: .duplicate
    case .corrupt: .corrupt
    case .poison: .poison
    case .complete: .complete
    case .starve: .starve
    case .linkDown: .linkDown
    case .kill: .kill
    case .hang: .hang
    case .perform: .do
    }
  }
}

/// The eleven fault verbs.
public enum FaultVerb: String, CaseIterable, Hashable, Sendable {
  case drop, delay, duplicate, corrupt, poison, complete, starve
  case linkDown = "link_down"
  case kill, hang
  case `do`
}

/// When a fault rule strikes.
public struct FaultTrigger: Hashable, Sendable {
  /// How strikes are chosen among the matches.
  public enum Selection: Hashable, Sendable {
    case nth(UInt64)
    case every(UInt64)
    /// - Units: millionths.
    case probability(UInt32)
  }

  /// What arms a condition.
  public enum Start: Hashable, Sendable {
    /// Time since the first step.
    case time(TimeSpan)
    /// After so many matches on a link.
    case count(UInt64, TLPWord, link: String, from: String?)
    /// After a console line in which the pattern is found.
    case console(node: String, pattern: String)
  }

  /// The link the rule acts on; nil for rules that act on a node.
  public var link: String?
  /// Only what this end of the link sends; nil for both.
  public var sender: String?
  public var layer: FaultLayer
  public var match: FaultMatch?
  /// What TLPs must look like besides.
  public var filter: FaultFilter
  public var selection: Selection?
  public var after: Start?
  /// How long the condition lasts, or the rule stays armed.
  public var duration: TimeSpan?
  /// At most so many strikes.
  public var times: UInt64?

  public init(
    link: String? = nil, sender: String? = nil, layer: FaultLayer = .transaction, match: FaultMatch? = nil,
    filter: FaultFilter = FaultFilter(), selection: Selection? = nil, after: Start? = nil,
    duration: TimeSpan? = nil, times: UInt64? = nil
  ) {
    self.link = link
    self.sender = sender
    self.layer = layer
    self.match = match
    self.filter = filter
    self.selection = selection
    self.after = after
    self.duration = duration
    self.times = times
  }
}

/// Above or below Ack and Nak.
public enum FaultLayer: String, CaseIterable, Hashable, Sendable {
  case transaction
  case dataLink = "data-link"
}

/// What passes a link and can match a rule.
public enum FaultMatch: Hashable, Sendable {
  case tlp(TLPWord)
  case dllp(DLLPWord)
  /// The interrupt of that vector, whatever carries it.
  case msix(vector: Int)
}

/// What a TLP must look like besides its type; all given parts must fit.
public struct FaultFilter: Hashable, Sendable {
  /// Where a request goes.
  public enum Addresses: Hashable, Sendable {
    /// It touches one of these bus addresses.
    case range(ClosedRange<UInt64>)
    /// It touches a region, wherever enumeration has put it.
    case region(node: String, FunctionRegion)
  }

  public var addresses: Addresses?
  /// What a request asks for or writes, or the payload of another TLP.
  ///
  /// - Units: bytes.
  public var length: ClosedRange<UInt64>?
  /// The node whose request it is, or whose request it completes.
  public var requester: String?
  public var tag: UInt16?

  /// Admits every TLP.
  public init() {}

  /// Whether every TLP fits.
  public var isEmpty: Bool { self == FaultFilter() }
}

/// TLPs by the names suites use.
public enum TLPWord: String, CaseIterable, Hashable, Sendable {
  case any
  case memoryRead = "MRd"
  case memoryWrite = "MWr"
  case configurationRead = "CfgRd0"
  case configurationWrite = "CfgWr0"
  case completion = "Cpl"
  case completionWithData = "CplD"
  case message = "Msg"
}

/// DLLPs by the names suites use.
public enum DLLPWord: String, CaseIterable, Hashable, Sendable {
  case ack = "Ack"
  case nak = "Nak"
  case updateFC = "UpdateFC"
}

/// How long `delay` holds a TLP.
public enum DelayLimit: Hashable, Sendable {
  /// A time drawn between both bounds for each match; equal bounds give a fixed time.
  case time(TimeSpan, TimeSpan)
  /// Until an interrupt, a completion of the same or of another request, or a TLP has passed.
  case behind(BehindWord)
}

/// What must pass before a delayed TLP goes on.
public enum BehindWord: Hashable, Sendable {
  case msix
  case sameRequest
  case otherRequest
  case tlp(TLPWord)
}

/// The part of a TLP or DLLP that `corrupt` changes.
public enum CorruptField: String, CaseIterable, Hashable, Sendable {
  case lcrc, nullified, edb, ecrc, sequence, credits, type, length
  case maxPayload = "max_payload"
  case firstByteEnables = "first_be"
  case boundary, address, requester, tag
  case byteCount = "byte_count"
  case payload
}

/// How `complete` answers in place of a completer.
public struct FaultCompletion: Hashable, Sendable {
  /// The completer; nil when the link's receiver answers with a Nak.
  public var node: String?
  public var status: FaultStatus
  /// Sizes of the pieces of a split completion, drawn between both bounds.
  ///
  /// - Units: bytes.
  public var split: ClosedRange<UInt64>?
  /// The requester and tag of a completion nobody asked for.
  public var unasked: Unasked?

  public init(
    node: String?, status: FaultStatus, split: ClosedRange<UInt64>? = nil, unasked: Unasked? = nil
  ) {
    self.node = node
    self.status = status
    self.split = split
    self.unasked = unasked
  }

  /// Where a completion nobody asked for goes.
  public struct Unasked: Hashable, Sendable {
    public var requester: String
    public var tag: UInt16
  }
}

/// How `complete` ends a request.
public enum FaultStatus: String, CaseIterable, Hashable, Sendable {
  case successful = "SC"
  case unsupportedRequest = "UR"
  case completerAbort = "CA"
  case requestRetry = "RRS"
  case nak = "Nak"
}

/// The credits that `starve` holds at zero.
public enum CreditKind: String, CaseIterable, Hashable, Sendable {
  case posted
  case nonPosted = "non-posted"
  case completion
}
