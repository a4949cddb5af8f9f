import LinkBroker
import PCIe
import SuiteLanguage

// What the broker acts on, from the words of suites.

extension LinkFault.TLPKinds {
  init(_ word: TLPWord) {
    self =
      switch word {
      case .any: .any
      case .memoryRead: Self(TLPKind.memoryRead, .memoryReadLocked)
      case .memoryWrite: Self(TLPKind.memoryWrite)
      case .configurationRead: Self(TLPKind.configurationRead0)
      case .configurationWrite: Self(TLPKind.configurationWrite0)
      case .completion: Self(TLPKind.completion, .completionLocked)
      case .completionWithData: Self(TLPKind.completionWithData, .completionLockedWithData)
      case .message: Self(TLPKind.message, .messageWithData)
      }
  }
}

extension LinkFault.DLLPKinds {
  init(_ word: DLLPWord) {
    self =
      switch word {
      case .ack: .ack
      case .nak: .nak
      case .updateFC: .updateFC
      }
  }
}

extension LinkFault.Selection {
  init(_ selection: FaultTrigger.Selection) {
    self =
      switch selection {
      case .nth(let number): .nth(number)
      case .every(let number): .every(number)
      case .probability(let millionths): .probability(millionths: millionths)
      }
  }
}

extension LinkFault.Behind {
  init(_ word: BehindWord) {
    self =
      switch word {
      case .msix: .interrupt
      case .sameRequest: .sameRequest
      case .otherRequest: .otherRequest
      case .tlp(let word): .tlps(.init(word))
      }
  }
}

extension LinkFault.Field {
  init(_ field: CorruptField) {
    self =
      switch field {
      case .lcrc: .linkCRC
      case .nullified: .nullified
      case .edb: .badEnd
      case .credits: .credits
      case .boundary: .boundary
      case .ecrc: .ecrc
      case .sequence: .sequence
      case .type: .type
      case .length: .length
      case .maxPayload: .maxPayload
      case .firstByteEnables: .firstByteEnables
      case .address: .address
      case .requester: .requester
      case .tag: .tag
      case .byteCount: .byteCount
      case .payload: .payload
      }
  }
}

extension FlowControlClass {
  init(_ credits: CreditKind) {
    self =
      switch credits {
      case .posted: .posted
      case .nonPosted: .nonPosted
      case .completion: .completion
      }
  }
}

extension CompletionStatus {
  /// Nil for a Nak, which is no completion.
  init?(_ status: FaultStatus) {
    switch status {
    case .successful: self = .successful
    case .unsupportedRequest: self = .unsupportedRequest
    case .completerAbort: self = .completerAbort
    case .requestRetry: self = .requestRetry
    case .nak: return nil
    }
  }
}

extension FaultRule {
  /// The node that a rule acts on; nil for one that acts on a link.
  var node: String? {
    switch action {
    case .kill(let node), .hang(let node): node
    case .complete(let completion): completion.node
    default: nil
    }
  }
}
