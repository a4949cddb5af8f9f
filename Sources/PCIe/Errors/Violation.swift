/// What a checker or a port can find wrong, by the name that suites use for it.
///
/// - Source: PCI Express Base 5.0, 7.8.4.2 and 7.8.4.5 for the bits; 6.2.7 "Error Listing and Rules".
public enum Violation: String, CaseIterable, Hashable, Sendable {
  case dataLinkProtocol = "data-link-protocol"
  case surpriseDown = "surprise-down"
  case poisonedTLP = "poisoned-tlp"
  case flowControl = "flow-control"
  case completionTimeout = "completion-timeout"
  case completerAbort = "completer-abort"
  case unexpectedCompletion = "unexpected-completion"
  case receiverOverflow = "receiver-overflow"
  case malformedTLP = "malformed-tlp"
  case ecrc = "ecrc"
  case unsupportedRequest = "unsupported-request"
  case acsViolation = "acs-violation"
  /// An uncorrectable internal error.
  case uncorrectableInternal = "internal"
  case multicastBlocked = "multicast-blocked"
  case atomicEgressBlocked = "atomic-egress-blocked"
  case prefixBlocked = "prefix-blocked"
  case poisonEgressBlocked = "poison-egress-blocked"
  case receiverError = "receiver-error"
  case badTLP = "bad-tlp"
  case badDLLP = "bad-dllp"
  case replayRollover = "replay-rollover"
  case replayTimeout = "replay-timeout"
  case advisoryNonFatal = "advisory-non-fatal"
  case correctedInternal = "corrected-internal"
  case headerLogOverflow = "header-log-overflow"
  case nodeExit = "node-exit"
  /// A program at a link has sent what is none of the link's protocol.
  case nodeProtocol = "node-protocol"
  case ordering = "ordering"
  case msixMasked = "msix-masked"
  /// A tag in use again before its completion has come; seen by checkers only.
  case tagReuse = "tag-reuse"

  /// The bit in the AER Uncorrectable Error Status register, nil for what has none.
  public var uncorrectableBit: Int? {
    switch self {
    case .dataLinkProtocol: 4
    case .surpriseDown: 5
    case .poisonedTLP: 12
    case .flowControl: 13
    case .completionTimeout: 14
    case .completerAbort: 15
    case .unexpectedCompletion: 16
    case .receiverOverflow: 17
    case .malformedTLP: 18
    case .ecrc: 19
    case .unsupportedRequest: 20
    case .acsViolation: 21
    case .uncorrectableInternal: 22
    case .multicastBlocked: 23
    case .atomicEgressBlocked: 24
    case .prefixBlocked: 25
    case .poisonEgressBlocked: 26
    default: nil
    }
  }

  /// The bit in the AER Correctable Error Status register, nil for what has none.
  public var correctableBit: Int? {
    switch self {
    case .receiverError: 0
    case .badTLP: 6
    case .badDLLP: 7
    case .replayRollover: 8
    case .replayTimeout: 12
    case .advisoryNonFatal: 13
    case .correctedInternal: 14
    case .headerLogOverflow: 15
    default: nil
    }
  }
}
