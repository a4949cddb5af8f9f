import PCIe

/// What a completion meant to the requester it came to.
public enum CompletionOutcome: Hashable, Sendable {
  /// More completions of the transfer are to come.
  case progress
  /// It was the last one of a transfer.
  case ended(RequestOperation)
  /// It fits no request and has been discarded.
  case unexpected(UnexpectedCompletion)
}

/// Why a completion fits no request.
///
/// Of the two reactions that the specification permits for a wrong byte count or lower address, this model
/// declares Unexpected Completion.
/// - Source: PCI Express Base 5.0, 2.3.2 "Completion Handling Rules".
public enum UnexpectedCompletion: Hashable, Sendable {
  case tag(UInt16)
  case dataForWrite(tag: UInt16)
  case noData(tag: UInt16)
  case byteCount(tag: UInt16, seen: Int, due: Int)
  case lowerAddress(tag: UInt16, seen: UInt8, due: UInt8)
}

extension UnexpectedCompletion: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tag(let tag): "no request is outstanding with tag \(hexadecimal(UInt64(tag), digits: 2))"
    case .dataForWrite(let tag): "the completion of the write with tag \(tag) carries data"
    case .noData(let tag): "the completion of the read with tag \(tag) carries no data"
    case .byteCount(let tag, let seen, let due):
      "the completion for tag \(tag) has byte count \(seen) where \(due) is due"
    case .lowerAddress(let tag, let seen, let due):
      "the completion for tag \(tag) has lower address \(seen) where \(due) is due"
    }
  }
}
