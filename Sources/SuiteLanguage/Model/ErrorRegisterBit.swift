public import PCIe

/// A bit that an `expect` step looks for in the error registers of a function.
public enum ErrorRegisterBit: Hashable, Sendable {
  /// In the AER status registers.
  case violation(Violation)
  /// In the Root Error Status register of a root port.
  case message(ErrorMessage)

  /// The messages by the words of suites.
  static let messageWords: [(word: String, message: ErrorMessage)] = [
    ("err-cor", .correctable), ("err-nonfatal", .nonFatal), ("err-fatal", .fatal),
  ]
}

extension ErrorRegisterBit: RawRepresentable {
  /// The bit that a word of a suite names.
  public init?(rawValue: String) {
    if let violation = Violation(rawValue: rawValue) {
      self = .violation(violation)
    } else if let row = Self.messageWords.first(where: { $0.word == rawValue }) {
      self = .message(row.message)
    } else {
      return nil
    }
  }

  public var rawValue: String {
    switch self {
    case .violation(let violation): violation.rawValue
    case .message(let message): Self.messageWords.first { $0.message == message }?.word ?? ""
    }
  }
}

/// What the error registers of a function must show.
public struct ErrorRegisterExpectation: Hashable, Sendable {
  public var bit: ErrorRegisterBit
  /// Whether the bit must be set or clear.
  public var isPresent: Bool
  /// Whose ID the root port must have kept as the source of the first such message, a root complex standing
  /// for all its ports; nil for any.
  public var source: FunctionTarget?

  public init(bit: ErrorRegisterBit, isPresent: Bool = true, source: FunctionTarget? = nil) {
    self.bit = bit
    self.isPresent = isPresent
    self.source = source
  }
}
