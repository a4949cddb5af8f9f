public import PCIe

// Errors that a port finds, and messages about those below it.
extension BridgeFunction {
  /// AtomicOp egress blocked: what an upstream port reports besides the errors of every function.
  public static let upstreamErrors: UInt32 = 1 << 24
  /// Surprise down, ACS violation, AtomicOp, prefix and poisoned TLP egress blocked.
  public static let downstreamErrors: UInt32 = 1 << 5 | 1 << 21 | 1 << 24 | 1 << 25 | 1 << 26

  /// Records an error that this port has found; an uncorrectable one may contain the link below.
  ///
  /// - Parameter link: the link below a downstream port, nil for an upstream port.
  /// - Returns: the messages to send to the root complex: an error that contains the link is not signalled.
  /// - Source: PCI Express Base 5.0, 6.2.5 and 6.2.10 "Downstream Port Containment (DPC)".
  public mutating func detect(
    _ violation: Violation, header: TLPHeader? = nil, isAdvisoryCase: Bool, link: Int?,
    in fabric: inout Fabric
  ) -> [ErrorMessage] {
    let messages = space.log(violation, header: header, isAdvisoryCase: isAdvisoryCase)
    let isFatal = space.isFatal(violation)
    guard let link, violation.uncorrectableBit != nil, isFatal || !isAdvisoryCase,
      !space.isMasked(violation), containsOn(isFatal: isFatal)
    else { return messages }
    return messages.filter { $0 == .correctable } + contain(.ownError, link: link, in: &fabric)
  }

  /// What becomes of an error message that has come up to this port.
  public enum MessageFate: Hashable, Sendable {
    case passes
    /// Software has not enabled forwarding.
    case stops
    /// It contained the link, and these messages take its place.
    case contained([ErrorMessage])
  }

  /// Takes a message from the secondary side.
  ///
  /// SERR# Enable of Bridge Control lets it pass the bridge; to be sent on it needs the enable of its
  /// severity in Device Control, or SERR# Enable in the Command register for an uncorrectable error.
  /// - Parameter link: the link below a downstream port, nil for an upstream port.
  /// - Source: PCI Express Base 5.0, 6.2.6 figure 6-3, 7.5.1.1.3, 7.5.1.3.7, 7.5.1.3.13 and 6.2.10.
  public mutating func take(
    _ message: ErrorMessage, from source: FunctionAddress, link: Int?, in fabric: inout Fabric
  ) -> MessageFate {
    // Received System Error.
    if message != .correctable { space.raiseSecondary(.signaledSystemError) }
    if let link, message != .correctable, containsOn(isFatal: message == .fatal) {
      return .contained(contain(.message(message, from: source), link: link, in: &fabric))
    }
    guard space.bridgeControl.contains(.serrEnable) else { return .stops }
    let reports = space.deviceControl
    switch message {
    case .correctable: return reports.contains(.reportCorrectable) ? .passes : .stops
    case .nonFatal, .fatal:
      if space.command.contains(.serrEnable) {
        space.raise(.signaledSystemError)
        return .passes
      }
      return reports.contains(message == .fatal ? .reportFatal : .reportNonFatal) ? .passes : .stops
    }
  }
}

extension MessageCode {
  /// The error that a message signals, nil for another message.
  public var error: ErrorMessage? { ErrorMessage.allCases.first { $0.code == self } }
}
