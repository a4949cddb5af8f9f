extension ConfigurationSpace {
  /// Records an error in Device Status and the error registers, as the function that detected it must.
  ///
  /// An advisory case is one that another function recovers from: the completer of a non-posted request that
  /// it answers with an error, the receiver of an unexpected completion, the last receiver of poisoned data.
  /// - Returns: the message to send to the root complex, nil when none is enabled.
  /// - Source: PCI Express Base 5.0, 6.2.3.2.4 and figure 6-2 of 6.2.5 "Sequence of Device Error Signaling
  ///   and Logging Operations"; the same order of tests as QEMU, `hw/pci/pcie_aer.c`.
  public mutating func log(
    _ violation: Violation, header: TLPHeader? = nil, isAdvisoryCase: Bool = false
  ) -> ErrorMessage? {
    if violation == .unsupportedRequest { setDeviceStatus(.unsupportedRequest) }
    if let bit = violation.correctableBit { return logCorrectable(1 << UInt32(bit), violation) }
    guard let bit = violation.uncorrectableBit else { return nil }
    let mask = UInt32(1) << UInt32(bit)
    if isFatal(mask) { return logUncorrectable(mask, violation, header, isFatal: true) }
    if isAdvisoryCase { return logAdvisory(mask, violation, header) }
    return logUncorrectable(mask, violation, header, isFatal: false)
  }

  /// The severity software has set, or the default without the registers.
  private func isFatal(_ mask: UInt32) -> Bool {
    guard let place = places.advancedErrorReporting else {
      return AdvancedErrorReportingCapability.defaultSeverity & mask != 0
    }
    return doubleWord(place + AdvancedErrorReportingCapability.Register.uncorrectableSeverity) & mask != 0
  }

  private mutating func logCorrectable(_ mask: UInt32, _ violation: Violation) -> ErrorMessage? {
    setDeviceStatus(.correctableError)
    if let place = places.advancedErrorReporting {
      typealias Register = AdvancedErrorReportingCapability.Register
      replace(mask, with: mask, at: place + Register.correctableStatus)
      if doubleWord(place + Register.correctableMask) & mask != 0 { return nil }
    }
    return deviceControl.contains(.reportCorrectable) ? .correctable : nil
  }

  private mutating func logAdvisory(
    _ mask: UInt32, _ violation: Violation, _ header: TLPHeader?
  ) -> ErrorMessage? {
    let message = logCorrectable(1 << 13, violation)
    if let place = places.advancedErrorReporting {
      typealias Register = AdvancedErrorReportingCapability.Register
      if doubleWord(place + Register.correctableMask) & 1 << 13 != 0 { return nil }
      recordFirst(mask, header, at: place)
      replace(mask, with: mask, at: place + Register.uncorrectableStatus)
    }
    let isSilenced = violation == .unsupportedRequest && !deviceControl.contains(.reportUnsupportedRequest)
    return isSilenced ? nil : message
  }

  private mutating func logUncorrectable(
    _ mask: UInt32, _ violation: Violation, _ header: TLPHeader?, isFatal: Bool
  ) -> ErrorMessage? {
    setDeviceStatus(isFatal ? .fatalError : .nonFatalError)
    if let place = places.advancedErrorReporting {
      typealias Register = AdvancedErrorReportingCapability.Register
      let isMasked = doubleWord(place + Register.uncorrectableMask) & mask != 0
      if !isMasked { recordFirst(mask, header, at: place) }
      replace(mask, with: mask, at: place + Register.uncorrectableStatus)
      if isMasked { return nil }
    }
    let signalsSystemError = command.contains(.serrEnable)
    if violation == .unsupportedRequest, !signalsSystemError,
      !deviceControl.contains(.reportUnsupportedRequest)
    {
      return nil
    }
    guard signalsSystemError || deviceControl.contains(isFatal ? .reportFatal : .reportNonFatal) else {
      return nil
    }
    if signalsSystemError { raise(.signaledSystemError) }
    return isFatal ? .fatal : .nonFatal
  }

  /// Fills the header log, unless an earlier error that software has not cleared stands in it.
  ///
  /// - Source: PCI Express Base 5.0, 6.2.4.2 "Multiple Error Handling (AER)".
  private mutating func recordFirst(_ mask: UInt32, _ header: TLPHeader?, at place: Int) {
    typealias Register = AdvancedErrorReportingCapability.Register
    let pointer = doubleWord(place + Register.control) & 0x1f
    guard doubleWord(place + Register.uncorrectableStatus) & 1 << pointer == 0 else { return }
    replace(0x1f, with: UInt32(mask.trailingZeroBitCount), at: place + Register.control)
    let logged = header ?? TLPHeader()
    let words = [logged.dw0, logged.dw1, logged.dw2, logged.dw3]
    for (index, word) in words.enumerated() {
      replace(.max, with: word, at: place + Register.headerLog + index * 4)
    }
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
