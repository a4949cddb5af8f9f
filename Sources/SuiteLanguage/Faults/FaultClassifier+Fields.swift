import PCIe

// Changed fields, and steps that are faults.
extension FaultClassifier {
  func corrupt(_ thing: Thing, _ field: CorruptField, _ value: UInt64?) -> FaultID {
    switch thing {
    case .frame: return frame(field, value)
    case .dllp(let word):
      switch field {
      case .sequence: return .ackSequence
      case .type: return .unknownDLLP
      case .credits: return value == nil ? .illegalUpdate : .overflow
      default: return word == .updateFC ? .badUpdate : .badDLLP
      }
    case .interrupt:
      switch field {
      case .address: return .interruptAddress
      case .payload: return .interruptVector
      default: return tlp(.memoryWrite, field, value)
      }
    case .tlp(let word): return tlp(word, field, value)
    }
  }

  /// A number that is drawn is ahead; one that the suite gives may be one of the past, so that the TLP is
  /// taken for one that came before, and is lost.
  private func frame(_ field: CorruptField, _ value: UInt64?) -> FaultID {
    switch field {
    case .sequence: value == nil ? .sequenceSkipped : .frameLost
    case .nullified: .nullified
    case .edb: .badEnd
    default: .badLCRC
    }
  }

  /// What is drawn is always wrong; a value that the suite gives may be one that nobody can see is wrong.
  private func tlp(_ word: TLPWord, _ field: CorruptField, _ value: UInt64?) -> FaultID {
    let isCompletion = word == .completion || word == .completionWithData
    switch field {
    case .lcrc, .nullified, .edb, .sequence: return frame(field, value)
    case .credits: return .illegalUpdate
    case .boundary: return .malformedBoundary
    case .ecrc: return .badECRC
    case .type: return value.map(Self.isType) ?? false ? .fieldChanged : .malformedType
    case .length: return word == .memoryRead && value != nil ? .fieldChanged : .malformedLength
    case .maxPayload: return .malformedPayload
    case .firstByteEnables: return .malformedByteEnables
    case .payload: return .payloadChanged
    case .address: return .misrouted
    case .byteCount: return .wrongByteCount
    // The completion of a changed request carries what was changed.
    case .tag: return isCompletion || word.isNonPosted ? .wrongTag : .fieldChanged
    case .requester: return isCompletion || word.isNonPosted ? .wrongRequester : .fieldChanged
    }
  }

  private static func isType(_ value: UInt64) -> Bool {
    TLPKind(formatAndType: UInt8(truncatingIfNeeded: value)) != nil
  }

  /// The kind of fault that a step is when software performs it at a bad moment.
  func id(of step: Step) -> FaultID {
    switch step.action {
    case .msix: .interruptSpurious
    case .stop(let node): topology.node(node) == nil ? .stepPerformed : .deviceKilled
    default: Self.id(of: step, in: topology) ?? .stepPerformed
    }
  }

  /// The kind of fault that a step is wherever it stands; nil for ordinary steps.
  static func id(of step: Step, in topology: Topology) -> FaultID? {
    switch step.action {
    case .reset(.hot): .hotReset
    case .reset(.functionLevel): .resetDuringDMA
    case .link(let change): id(of: change, in: topology)
    case .configurationWrite(let write): id(of: write)
    default: nil
    }
  }

  /// The kind of fault that a port blocks or contains once a step has told it to; nil for other steps.
  ///
  /// - Source: PCI Express Base 5.0, 7.7.8.3 "ACS Control Register" and 7.9.15.3 "DPC Control Register".
  static func armed(by step: Step) -> FaultID? {
    guard case .configurationWrite(let write) = step.action, write.offset == 0x06,
      let first = write.data.firstByte
    else { return nil }
    switch write.capability {
    case .accessControlServices: return first == 0 ? nil : .accessControl
    case .downstreamPortContainment where first & 0x20 != 0: return .poisonBlocked
    case .downstreamPortContainment: return first & 0b11 == 0 ? nil : .portContained
    default: return nil
    }
  }

  private static func id(of change: Step.LinkChange, in topology: Topology) -> FaultID? {
    guard change.state == .up, let link = topology.link(change.link) else { return nil }
    guard change.speed != nil || change.width != nil else { return nil }
    let isLower =
      change.speed.map { $0.rawValue < link.speed.rawValue } ?? false
      || change.width.map { $0 < link.width } ?? false
    return isLower ? .linkDegraded : .linkRetrain
  }

  /// A write that takes something away from a function under load.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.1.1.3 for the Command register, 7.5.1.2.1 for the BARs, 7.5.2.2 for
  ///   Power Management Control/Status.
  private static func id(of write: Step.ConfigurationWrite) -> FaultID? {
    guard let first = write.data.firstByte else { return nil }
    switch (write.capability, write.offset) {
    case (nil, 0x04) where first & 0b110 == 0b010: return .busMasterOff
    case (nil, 0x04) where first & 0b010 == 0: return .memorySpaceOff
    case (nil, 0x10...0x27): return .memorySpaceOff
    case (.powerManagement, 0x04) where first & 0b11 == 0b11: return .lowPower
    default: return nil
    }
  }
}

extension DataSource {
  /// The first byte where the source alone tells it.
  fileprivate var firstByte: UInt8? {
    switch self {
    case .bytes(let bytes): bytes.first
    case .fill(let byte, _): byte
    case .count(_, let start): start
    case .random, .file, .saved, .inverted: nil
    }
  }
}

extension TLPWord {
  /// Whether a TLP of that kind is answered by a completion.
  public var isNonPosted: Bool {
    switch self {
    case .memoryRead, .configurationRead, .configurationWrite: true
    case .any, .memoryWrite, .completion, .completionWithData, .message: false
    }
  }
}
