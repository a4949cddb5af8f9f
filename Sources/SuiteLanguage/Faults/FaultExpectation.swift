public import PCIe

/// How a violation gets into the error registers.
public enum FaultReport: Hashable, Sendable {
  /// By its own bit.
  case logged(Violation)
  /// As Advisory Non-Fatal while its severity is non-fatal.
  ///
  /// - Source: PCI Express Base 5.0, 6.2.3.2.4 "Advisory Non-Fatal Error Cases".
  case advisory(Violation)
  /// As Advisory Non-Fatal for a non-posted request, which gets a completion; by its own bit for a posted
  /// one.
  ///
  /// - Source: PCI Express Base 5.0, 6.2.3.2.4.1 "Completer Sending a Completion with UR/CA Status".
  case answered(Violation)

  /// The violation itself.
  public var violation: Violation {
    switch self {
    case .logged(let violation), .advisory(let violation), .answered(let violation): violation
    }
  }

  /// The bits that a function with these settings shows.
  ///
  /// - Source: PCI Express Base 5.0, 6.2.5 figure 6-2; QEMU's `hw/pci/pcie_aer.c` does the same.
  public func bits(_ settings: ErrorSettings, isPosted: Bool) -> Set<Violation> {
    let isAdvisory =
      switch self {
      case .logged: false
      case .advisory: true
      case .answered: !isPosted
      }
    guard isAdvisory, !settings.fatal.contains(violation) else { return [violation] }
    return settings.isAdvisoryMasked ? [.advisoryNonFatal] : [.advisoryNonFatal, violation]
  }
}

/// What a function's error registers are set to, as far as it decides which bits an error sets.
public struct ErrorSettings: Hashable, Sendable {
  /// Whether Advisory Non-Fatal Error Mask is set, as it is after reset.
  ///
  /// - Source: PCI Express Base 5.0, 7.8.4.6 "Correctable Error Mask Register".
  public var isAdvisoryMasked: Bool
  /// The violations of fatal severity.
  ///
  /// - Source: PCI Express Base 5.0, 7.8.4.4 "Uncorrectable Error Severity Register" for the defaults.
  public var fatal: Set<Violation>

  /// Makes settings, those after reset when nothing is said.
  public init(
    isAdvisoryMasked: Bool = true,
    fatal: Set<Violation> = [
      .dataLinkProtocol, .surpriseDown, .flowControl, .receiverOverflow, .malformedTLP,
      .uncorrectableInternal,
    ]
  ) {
    self.isAdvisoryMasked = isAdvisoryMasked
    self.fatal = fatal
  }
}

/// A setting without which nothing is expected.
public enum FaultCondition: String, CaseIterable, Hashable, Sendable {
  case always
  /// Surprise Down Error Reporting Capable of the port.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.3.6 "Link Capabilities Register", bit 19.
  case reportsSurpriseDown
  /// ECRC Check Enable of the function.
  ///
  /// - Source: PCI Express Base 5.0, 7.8.4.7 "Advanced Error Capabilities and Control Register", bit 8.
  case checksECRC
  /// The request that is lost gets a completion: it was non-posted.
  case isNonPosted
}

/// What the error registers of one place must show after a fault, and what they may show besides.
public struct FaultExpectation: Hashable, Sendable {
  public var role: FaultRole
  /// One of these lists must be shown whole; the model declares which where there are several.
  public var choices: [[FaultReport]]
  /// What may be shown besides.
  public var may: [FaultReport]
  public var condition: FaultCondition

  init(
    _ role: FaultRole, _ choices: [[FaultReport]] = [[]], may: [FaultReport] = [],
    when condition: FaultCondition = .always
  ) {
    self.role = role
    self.choices = choices
    self.may = may
    self.condition = condition
  }

  /// The sets of bits of which one must be shown whole.
  public func mustSets(_ settings: ErrorSettings, isPosted: Bool) -> [Set<Violation>] {
    choices.map { Self.bits($0, settings, isPosted) }
  }

  /// The bits that may be shown besides.
  public func maySet(_ settings: ErrorSettings, isPosted: Bool) -> Set<Violation> {
    Self.bits(may, settings, isPosted)
  }

  /// Whether what is shown is what the fault asks for, and nothing else.
  public func admits(_ shown: Set<Violation>, _ settings: ErrorSettings, isPosted: Bool) -> Bool {
    let may = maySet(settings, isPosted: isPosted)
    return mustSets(settings, isPosted: isPosted).contains { must in
      must.isSubset(of: shown) && shown.isSubset(of: must.union(may))
    }
  }

  private static func bits(_ reports: [FaultReport], _ settings: ErrorSettings, _ isPosted: Bool)
    -> Set<Violation>
  {
    reports.reduce(into: []) { $0.formUnion($1.bits(settings, isPosted: isPosted)) }
  }
}
