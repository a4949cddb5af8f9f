import PCIe
import Testing

/// Default severities and masks against a table of their own.
///
/// - Source: QEMU, `hw/pci/pcie_aer.c` (severity of each error) and `include/hw/pci/pcie_regs.h` (correctable
///   mask); PCI Express Base 5.0, 7.8.4.3 for the uncorrectable mask.
struct SeverityTests {
  struct Row: Sendable {
    var violation: Violation
    var bit: Int
    var isFatal: Bool
    var isMasked = false
  }

  static let uncorrectable = [
    Row(violation: .dataLinkProtocol, bit: 4, isFatal: true),
    Row(violation: .surpriseDown, bit: 5, isFatal: true),
    Row(violation: .poisonedTLP, bit: 12, isFatal: false),
    Row(violation: .flowControl, bit: 13, isFatal: true),
    Row(violation: .completionTimeout, bit: 14, isFatal: false),
    Row(violation: .completerAbort, bit: 15, isFatal: false),
    Row(violation: .unexpectedCompletion, bit: 16, isFatal: false),
    Row(violation: .receiverOverflow, bit: 17, isFatal: true),
    Row(violation: .malformedTLP, bit: 18, isFatal: true),
    Row(violation: .ecrc, bit: 19, isFatal: false),
    Row(violation: .unsupportedRequest, bit: 20, isFatal: false),
    Row(violation: .acsViolation, bit: 21, isFatal: false),
    Row(violation: .uncorrectableInternal, bit: 22, isFatal: true, isMasked: true),
    Row(violation: .multicastBlocked, bit: 23, isFatal: false),
    Row(violation: .atomicEgressBlocked, bit: 24, isFatal: false),
    Row(violation: .prefixBlocked, bit: 25, isFatal: false),
    Row(violation: .poisonEgressBlocked, bit: 26, isFatal: false, isMasked: true),
  ]

  static let correctable = [
    Row(violation: .receiverError, bit: 0, isFatal: false), Row(violation: .badTLP, bit: 6, isFatal: false),
    Row(violation: .badDLLP, bit: 7, isFatal: false), Row(violation: .replayRollover, bit: 8, isFatal: false),
    Row(violation: .replayTimeout, bit: 12, isFatal: false),
    Row(violation: .advisoryNonFatal, bit: 13, isFatal: false, isMasked: true),
    Row(violation: .correctedInternal, bit: 14, isFatal: false, isMasked: true),
    Row(violation: .headerLogOverflow, bit: 15, isFatal: false, isMasked: true),
  ]

  private func space() throws -> ConfigurationSpace {
    var builder = try ConfigurationSpaceBuilder(
      header: HeaderLayout(vendorID: 1, deviceID: 2, classCode: 0x05_8000))
    try builder.add(ExpressCapability(portType: .endpoint))
    try builder.add(
      AdvancedErrorReportingCapability(optionalUncorrectable: .max, reportsHeaderLogOverflow: true))
    var space = try builder.build()
    let place = try #require(space.places.express)
    space.write(offset: place + ExpressCapability.Register.deviceControl, size: 2, value: 0xf)
    return space
  }

  @Test("each uncorrectable error has its bit, severity, mask and message", arguments: uncorrectable)
  func uncorrectableRow(row: Row) throws {
    var space = try space()
    #expect(row.violation.uncorrectableBit == row.bit && row.violation.correctableBit == nil)
    #expect(space.isFatal(row.violation) == row.isFatal)
    #expect(space.isMasked(row.violation) == row.isMasked)
    let message: [ErrorMessage] = row.isMasked ? [] : [row.isFatal ? .fatal : .nonFatal]
    #expect(space.log(row.violation) == message)
    #expect(space.shows(row.violation) && space.recordedErrors.violations == [row.violation])
    let place = try #require(space.places.advancedErrorReporting)
    #expect(
      space.doubleWord(place + AdvancedErrorReportingCapability.Register.uncorrectableStatus) == 1 << row.bit)
    #expect(space.deviceStatus.contains(row.isFatal ? .fatalError : .nonFatalError))
    #expect(space.deviceStatus.contains(.unsupportedRequest) == (row.violation == .unsupportedRequest))
  }

  @Test("each correctable error has its bit, mask and message", arguments: correctable)
  func correctableRow(row: Row) throws {
    var space = try space()
    #expect(row.violation.correctableBit == row.bit && row.violation.uncorrectableBit == nil)
    #expect(space.isMasked(row.violation) == row.isMasked)
    #expect(space.log(row.violation) == (row.isMasked ? [] : [.correctable]))
    #expect(space.shows(row.violation) && space.deviceStatus == .correctableError)
  }

  @Test("every violation with a bit stands in one of the tables")
  func complete() {
    let known = Set((Self.uncorrectable + Self.correctable).map(\.violation))
    let withBits = Violation.allCases.filter { $0.uncorrectableBit != nil || $0.correctableBit != nil }
    #expect(known == Set(withBits))
  }

  @Test("without the declaration the header log never overflows")
  func undeclared() throws {
    var builder = try ConfigurationSpaceBuilder(
      header: HeaderLayout(vendorID: 1, deviceID: 2, classCode: 0x05_8000))
    try builder.add(ExpressCapability(portType: .endpoint))
    try builder.add(AdvancedErrorReportingCapability())
    let space = try builder.build()
    #expect(!space.isMasked(.headerLogOverflow) && !space.isMasked(.poisonEgressBlocked))
  }
}

/// One TLP reports one error.
struct ErrorPrecedenceTests {
  typealias Found = ErrorPrecedence.Found

  @Test("the order that current revisions have")
  func order() {
    let flat = ErrorPrecedence.order.map { $0.map(\.rawValue).joined(separator: " = ") }
    #expect(
      flat == [
        "internal", "receiver-overflow", "flow-control", "malformed-tlp", "ecrc", "atomic-egress-blocked",
        "prefix-blocked", "acs-violation", "multicast-blocked",
        "unsupported-request = completer-abort = unexpected-completion",
        "poisoned-tlp = poison-egress-blocked",
      ])
  }

  @Test("of every pair in different rows the higher one is reported, whichever was found first")
  func pairs() {
    for (high, row) in ErrorPrecedence.order.enumerated() {
      for lower in ErrorPrecedence.order[(high + 1)...].joined() {
        for first in row {
          let pair = [Found(first, isAdvisory: true), Found(lower, isAdvisory: true)]
          #expect(ErrorPrecedence.reported(pair)?.violation == first)
          #expect(ErrorPrecedence.reported(pair.reversed())?.violation == first)
        }
      }
    }
  }

  @Test("an advisory case beside one that is none is none")
  func advisory() {
    let unsupported = Found(.unsupportedRequest, isAdvisory: true)
    #expect(ErrorPrecedence.reported([unsupported]) == unsupported)
    #expect(
      ErrorPrecedence.reported([unsupported, Found(.poisonedTLP, isAdvisory: false)])
        == Found(.unsupportedRequest, isAdvisory: false))
    #expect(ErrorPrecedence.reported([]) == nil)
  }

  @Test("what belongs to no TLP is behind all")
  func others() {
    #expect(ErrorPrecedence.rank(.completionTimeout) == ErrorPrecedence.order.count)
    #expect(ErrorPrecedence.rank(.badTLP) == ErrorPrecedence.order.count)
  }
}
