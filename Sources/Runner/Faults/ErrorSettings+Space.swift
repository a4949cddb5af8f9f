import PCIe
import SuiteLanguage

extension ErrorSettings {
  /// What the error registers of a function are set to now.
  ///
  /// - Source: PCI Express Base 5.0, 7.8.4.4 and 7.8.4.6.
  init(_ space: ConfigurationSpace) {
    guard let place = space.places.advancedErrorReporting else {
      self.init()
      return
    }
    typealias Register = AdvancedErrorReportingCapability.Register
    let severity = space.doubleWord(place + Register.uncorrectableSeverity)
    let mask = space.doubleWord(place + Register.correctableMask)
    let fatal = Violation.allCases.filter { violation in
      violation.uncorrectableBit.map { severity >> UInt32($0) & 1 == 1 } ?? false
    }
    self.init(isAdvisoryMasked: mask >> 13 & 1 == 1, fatal: Set(fatal))
  }
}

extension FaultCondition {
  /// Whether a function is set so that the condition holds for a TLP that was struck.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.3.6 for bit 19 of Link Capabilities; 7.8.4.7 for ECRC Check Enable.
  func holds(at space: ConfigurationSpace, for header: TLPHeader?) -> Bool {
    switch self {
    case .always: return true
    case .reportsSurpriseDown:
      guard let place = space.places.express else { return false }
      return space.doubleWord(place + ExpressCapability.Register.linkCapabilities) >> 19 & 1 == 1
    case .checksECRC:
      guard let place = space.places.advancedErrorReporting else { return false }
      let control = space.doubleWord(place + AdvancedErrorReportingCapability.Register.control)
      return control >> 8 & 1 == 1
    case .isNonPosted: return header?.kind?.flowControlClass == .nonPosted
    }
  }
}
