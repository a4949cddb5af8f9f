// The parts that TLPs and DLLPs have, of those that rules can name.

extension DLLPWord {
  /// The parts of the DLLP that `corrupt` can change.
  var changeableFields: [CorruptField] {
    switch self {
    case .ack, .nak: [.lcrc, .sequence, .type]
    case .updateFC: [.lcrc, .type, .credits]
    }
  }
}

extension TLPWord {
  /// Whether a TLP of that kind has a payload.
  var canCarryData: Bool {
    switch self {
    case .any, .memoryWrite, .configurationWrite, .completionWithData, .message: true
    case .memoryRead, .configurationRead, .completion: false
    }
  }
}

extension TLPWord {
  /// Whether a TLP of that kind is answered or dropped by a completer.
  var canBeAnswered: Bool { self == .any || isNonPosted || self == .memoryWrite }

  /// Whether a TLP of that kind has a part that `corrupt` changes; nobody reads the tag of a posted request.
  func canHave(_ field: CorruptField) -> Bool {
    switch (field, self) {
    case (_, .any): true
    case (.firstByteEnables, _): self != .completion && self != .completionWithData && self != .message
    case (.address, _): canCarryAddress
    case (.tag, _): self != .memoryWrite && self != .message
    case (.byteCount, _): self == .completion || self == .completionWithData
    case (.payload, _), (.maxPayload, _): canCarryData
    case (.boundary, _): self == .memoryRead || self == .memoryWrite
    case (.credits, _): false
    case (.lcrc, _), (.nullified, _), (.edb, _), (.ecrc, _), (.sequence, _), (.type, _), (.length, _),
      (.requester, _):
      true
    }
  }
}

extension CorruptField {
  /// How many bits the field has; nil where there is no value to choose.
  var bits: Int? {
    switch self {
    case .firstByteEnables: 4
    case .type: 8
    case .length, .tag: 10
    case .sequence, .byteCount: 12
    case .requester: 16
    case .lcrc, .payload: 32
    case .address: 64
    case .credits: 7
    case .nullified, .edb, .boundary, .ecrc, .maxPayload: nil
    }
  }
}
