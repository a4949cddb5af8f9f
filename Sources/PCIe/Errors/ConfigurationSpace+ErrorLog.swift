extension ConfigurationSpace {
  /// Records an error in Device Status and the error registers, as the function that detected it must.
  ///
  /// An advisory case is one that another function recovers from: the completer of a non-posted request that
  /// it answers with an error, the receiver of an unexpected completion, the last receiver of poisoned data.
  /// - Parameter controls: those of the physical function for a virtual one; the function's own without them.
  /// - Returns: the messages to send to the root complex, in order; a second one tells that the header log
  ///   was full.
  /// - Source: PCI Express Base 5.0, 6.2.3.2.4 and figure 6-2 of 6.2.5 "Sequence of Device Error Signaling
  ///   and Logging Operations"; the same order of tests as QEMU, `hw/pci/pcie_aer.c`.
  public mutating func log(
    _ violation: Violation, header: TLPHeader? = nil, isAdvisoryCase: Bool = false,
    controls: ErrorControls? = nil
  ) -> [ErrorMessage] {
    let controls = controls ?? ErrorControls(self)
    if violation == .unsupportedRequest { setDeviceStatus(.unsupportedRequest) }
    if let bit = violation.correctableBit { return logCorrectable(1 << UInt32(bit), controls) }
    guard let bit = violation.uncorrectableBit else { return [] }
    let mask = UInt32(1) << UInt32(bit)
    if controls.severity & mask != 0 {
      return logUncorrectable(mask, violation, header, isFatal: true, controls)
    }
    if isAdvisoryCase { return logAdvisory(mask, violation, header, controls) }
    return logUncorrectable(mask, violation, header, isFatal: false, controls)
  }

  /// Whether software, or the default without the registers, makes an error a fatal one.
  public func isFatal(_ violation: Violation) -> Bool {
    violation.uncorrectableBit.map { ErrorControls(self).severity & 1 << UInt32($0) != 0 } ?? false
  }

  /// Whether software has masked an error.
  public func isMasked(_ violation: Violation) -> Bool {
    ErrorControls(self).masks(violation)
  }

  private mutating func logCorrectable(_ mask: UInt32, _ controls: ErrorControls) -> [ErrorMessage] {
    setDeviceStatus(.correctableError)
    setCorrectable(mask)
    if controls.correctableMask & mask != 0 { return [] }
    return controls.deviceControl.contains(.reportCorrectable) ? [.correctable] : []
  }

  private mutating func logAdvisory(
    _ mask: UInt32, _ violation: Violation, _ header: TLPHeader?, _ controls: ErrorControls
  ) -> [ErrorMessage] {
    var messages = logCorrectable(1 << 13, controls)
    // Masked, the case leaves no trace but its own bit.
    if controls.masks(.advisoryNonFatal) { return [] }
    let overflow = recordFirst(mask, header, isMasked: controls.masks(violation), controls)
    setUncorrectable(mask)
    if violation == .unsupportedRequest, !controls.deviceControl.contains(.reportUnsupportedRequest) {
      messages = []
    }
    return messages + overflow
  }

  private mutating func logUncorrectable(
    _ mask: UInt32, _ violation: Violation, _ header: TLPHeader?, isFatal: Bool,
    _ controls: ErrorControls
  ) -> [ErrorMessage] {
    setDeviceStatus(isFatal ? .fatalError : .nonFatalError)
    let isMasked = controls.masks(violation)
    let overflow = recordFirst(mask, header, isMasked: isMasked, controls)
    setUncorrectable(mask)
    if isMasked { return [] }
    let signalsSystemError = controls.signalsSystemErrors
    if violation == .unsupportedRequest, !signalsSystemError,
      !controls.deviceControl.contains(.reportUnsupportedRequest)
    {
      return overflow
    }
    guard signalsSystemError || controls.deviceControl.contains(isFatal ? .reportFatal : .reportNonFatal)
    else {
      return overflow
    }
    if signalsSystemError { raise(.signaledSystemError) }
    return [isFatal ? .fatal : .nonFatal] + overflow
  }

  private mutating func setCorrectable(_ mask: UInt32) {
    recordedErrors.correctable |= mask
    guard let place = places.advancedErrorReporting else { return }
    replace(mask, with: mask, at: place + AdvancedErrorReportingCapability.Register.correctableStatus)
  }

  private mutating func setUncorrectable(_ mask: UInt32) {
    recordedErrors.uncorrectable |= mask
    guard let place = places.advancedErrorReporting else { return }
    replace(mask, with: mask, at: place + AdvancedErrorReportingCapability.Register.uncorrectableStatus)
  }

  /// Fills the header log, unless an earlier error that software has not cleared stands in it.
  ///
  /// - Returns: the message that tells of the full log, where the function reports that.
  /// - Source: PCI Express Base 5.0, 6.2.4.2 "Multiple Error Handling (AER)".
  private mutating func recordFirst(
    _ mask: UInt32, _ header: TLPHeader?, isMasked: Bool, _ controls: ErrorControls
  ) -> [ErrorMessage] {
    guard let place = places.advancedErrorReporting, !isMasked else { return [] }
    typealias Register = AdvancedErrorReportingCapability.Register
    let pointer = doubleWord(place + Register.control) & 0x1f
    guard doubleWord(place + Register.uncorrectableStatus) & 1 << pointer == 0 else {
      return reportsHeaderLogOverflow ? logCorrectable(1 << 15, controls) : []
    }
    let prefixes = header?.prefixes.endToEndWords ?? []
    let prefixLogPresent: UInt32 = prefixes.isEmpty ? 0 : 1 << 11
    replace(
      0x1f | 1 << 11, with: UInt32(mask.trailingZeroBitCount) | prefixLogPresent, at: place + Register.control
    )
    let logged = header ?? TLPHeader()
    let words = [logged.dw0, logged.dw1, logged.dw2, logged.dw3]
    for (index, word) in words.enumerated() {
      replace(.max, with: word, at: place + Register.headerLog + index * 4)
    }
    for index in 0..<4 {
      replace(
        .max, with: index < prefixes.count ? prefixes[index] : 0, at: place + Register.prefixLog + index * 4)
    }
    return []
  }

  /// Whether the function has the Header Log Overflow error: software can mask it then.
  private var reportsHeaderLogOverflow: Bool {
    guard let place = places.advancedErrorReporting else { return false }
    return masks(at: place + AdvancedErrorReportingCapability.Register.correctableMask).writable >> 15 & 1
      == 1
  }
}

// What software reads back.
extension ConfigurationSpace {
  /// Whether the error reporting registers show a violation; false without them.
  public func shows(_ violation: Violation) -> Bool {
    guard let place = places.advancedErrorReporting else { return false }
    typealias Register = AdvancedErrorReportingCapability.Register
    if let bit = violation.uncorrectableBit {
      return doubleWord(place + Register.uncorrectableStatus) & 1 << UInt32(bit) != 0
    }
    if let bit = violation.correctableBit {
      return doubleWord(place + Register.correctableStatus) & 1 << UInt32(bit) != 0
    }
    return false
  }
}
