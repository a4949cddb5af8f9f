public import PCIe

/// Why a port contains the link below it.
///
/// - Source: PCI Express Base 5.0, 7.9.15.4 "DPC Status Register".
public enum ContainmentReason: Hashable, Sendable {
  /// The port itself has found an unmasked uncorrectable error.
  case ownError
  case message(ErrorMessage, from: FunctionAddress)
  case software

  /// DPC Trigger Reason in bits 2:1 and its extension in bits 6:5.
  var statusBits: UInt16 {
    switch self {
    case .ownError: 0
    case .message(let message, _): message == .fatal ? 2 << 1 : 1 << 1
    case .software: 3 << 1 | 1 << 5
    }
  }
}

// Downstream Port Containment.
extension BridgeFunction {
  private typealias Register = DownstreamPortContainmentCapability.Register

  /// Whether the port holds its link down until software clears DPC Trigger Status.
  public var isContaining: Bool {
    guard let place = space.places[.downstreamPortContainment] else { return false }
    return space.word(place + Register.status) & 1 != 0
  }

  /// Whether software wants an error of a severity to contain the link.
  func containsOn(isFatal: Bool) -> Bool {
    guard let place = space.places[.downstreamPortContainment] else { return false }
    switch space.word(place + Register.control) & 3 {
    case 1: return isFatal
    case 2: return true
    default: return false
    }
  }

  /// Takes the link down and holds it there; requests for what is below end as software has chosen.
  ///
  /// RP Busy is never set: nothing of this model is left to drain when the trigger shows.
  /// - Returns: the ERR_COR message that tells of it, where enabled.
  /// - Source: PCI Express Base 5.0, 2.9.3 "Transaction Layer Behavior During Downstream Port Containment"
  ///   and 6.2.10.
  mutating func contain(
    _ reason: ContainmentReason, link: Int, in fabric: inout Fabric
  ) -> [ErrorMessage] {
    guard let place = space.places[.downstreamPortContainment], !isContaining else { return [] }
    let control = space.word(place + Register.control)
    let interruptStatus: UInt16 = control & 1 << 3 != 0 ? 1 << 3 : 0
    let kept = space.word(place + Register.status) & ~0x0066
    space.setWord(place + Register.status, kept | 1 | interruptStatus | reason.statusBits)
    if case .message(_, let source) = reason {
      space.setWord(place + Register.errorSourceID, source.rawValue)
    }
    // DPC Completion Control.
    fabric.contain(link: link, completing: control & 1 << 2 != 0 ? .unsupportedRequest : .completerAbort)
    let isTold = control & 1 << 4 != 0 && space.deviceControl.contains(.reportCorrectable)
    return isTold ? [.correctable] : []
  }

  /// Does what a write to the containment registers orders: the software trigger, or the release.
  mutating func controlContainment(
    _ link: Int, _ write: ConfigurationWrite, in fabric: inout Fabric
  ) -> [ErrorMessage] {
    guard let place = space.places[.downstreamPortContainment] else { return [] }
    if write.offset == place + Register.status, write.before & 1 == 1, write.after & 1 == 0 {
      fabric.endContainment(ofLink: link)
      if !space.isLinkDisabled, !space.bridgeControl.contains(.secondaryBusReset) {
        fabric.order(.up, link: link)
      }
    }
    let isSupported = space.word(place + Register.capabilities) & 1 << 7 != 0
    guard isSupported, write.sendsOnes(place + Register.control, bits: 1 << 6), containsOn(isFatal: true)
    else { return [] }
    return contain(.software, link: link, in: &fabric)
  }
}
