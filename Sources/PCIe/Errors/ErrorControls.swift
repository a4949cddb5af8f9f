/// What software has set of a function's errors: severity, masks, and what is reported.
///
/// Virtual functions have none of their own; those of the physical one hold for them.
/// - Source: PCI Express Base 5.0, 7.8.4.3 to 7.8.4.6; 9.3.5.4 and 9.4.2.2 for virtual functions.
public struct ErrorControls: Hashable, Sendable {
  let severity: UInt32
  let uncorrectableMask: UInt32
  let correctableMask: UInt32
  let deviceControl: DeviceControlBits
  let signalsSystemErrors: Bool

  /// Those of a function; the defaults where it has no registers for them.
  public init(_ space: borrowing ConfigurationSpace) {
    typealias Register = AdvancedErrorReportingCapability.Register
    deviceControl = space.deviceControl
    signalsSystemErrors = space.command.contains(.serrEnable)
    guard let place = space.places.advancedErrorReporting else {
      (severity, uncorrectableMask) = (AdvancedErrorReportingCapability.defaultSeverity, 0)
      correctableMask = 0
      return
    }
    severity = space.doubleWord(place + Register.uncorrectableSeverity)
    uncorrectableMask = space.doubleWord(place + Register.uncorrectableMask)
    correctableMask = space.doubleWord(place + Register.correctableMask)
  }

  func masks(_ violation: Violation) -> Bool {
    if let bit = violation.uncorrectableBit { return uncorrectableMask >> UInt32(bit) & 1 == 1 }
    guard let bit = violation.correctableBit else { return false }
    return correctableMask >> UInt32(bit) & 1 == 1
  }
}
