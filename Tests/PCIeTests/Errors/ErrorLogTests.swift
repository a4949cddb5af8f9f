import PCIe
import Testing

/// What a function records of an error, and what it tells the root complex.
@Suite("Error logging")
struct ErrorLogTests {
  typealias Register = AdvancedErrorReportingCapability.Register

  private func space(hasAER: Bool = true, reportsOverflow: Bool = false) throws -> ConfigurationSpace {
    var builder = try ConfigurationSpaceBuilder(
      header: HeaderLayout(vendorID: 1, deviceID: 2, classCode: 0x05_8000))
    try builder.add(ExpressCapability(portType: .endpoint))
    if hasAER {
      try builder.add(AdvancedErrorReportingCapability(reportsHeaderLogOverflow: reportsOverflow))
    }
    return try builder.build()
  }

  /// Switches on the four report enables of Device Control.
  private func enableReports(_ space: inout ConfigurationSpace) throws {
    let place = try #require(space.places.express)
    space.write(offset: place + ExpressCapability.Register.deviceControl, size: 2, value: 0xf)
  }

  private func unmask(_ space: inout ConfigurationSpace) throws {
    let place = try #require(space.places.advancedErrorReporting)
    space.write(offset: place + Register.correctableMask, value: 0)
  }

  private func register(_ offset: Int, of space: ConfigurationSpace) throws -> UInt32 {
    space.doubleWord(try #require(space.places.advancedErrorReporting) + offset)
  }

  private let request = TLPHeader.memoryRead(
    address: 0x1234_5678, bytes: 4, requester: FunctionAddress(bus: 0, device: 1, function: 0), tag: 7)

  @Test("a fatal error sets its bits, fills the header log and sends ERR_FATAL")
  func fatal() throws {
    var space = try space()
    try enableReports(&space)
    #expect(space.log(.malformedTLP, header: request) == [.fatal])
    #expect(space.deviceStatus == .fatalError)
    #expect(try register(Register.uncorrectableStatus, of: space) == 1 << 18)
    #expect(try register(Register.control, of: space) & 0x1f == 18)
    #expect(try register(Register.headerLog, of: space) == request.dw0)
    #expect(try register(Register.headerLog + 8, of: space) == request.dw2)
  }

  @Test("an advisory unsupported request is a correctable error whose uncorrectable bit is set too")
  func advisory() throws {
    var space = try space()
    try enableReports(&space)
    try unmask(&space)
    #expect(space.log(.unsupportedRequest, header: request, isAdvisoryCase: true) == [.correctable])
    #expect(space.deviceStatus == [.correctableError, .unsupportedRequest])
    #expect(try register(Register.correctableStatus, of: space) == 1 << 13)
    #expect(try register(Register.uncorrectableStatus, of: space) == 1 << 20)
  }

  @Test("masked as after reset, an advisory error shows in Device Status and in its own bit alone")
  func advisoryMasked() throws {
    var space = try space()
    try enableReports(&space)
    #expect(space.log(.unsupportedRequest, header: request, isAdvisoryCase: true) == [])
    #expect(space.deviceStatus == [.correctableError, .unsupportedRequest])
    #expect(try register(Register.correctableStatus, of: space) == 1 << 13)
    #expect(try register(Register.uncorrectableStatus, of: space) == 0)
    #expect(!space.shows(.unsupportedRequest))
  }

  @Test("an error that is no advisory case sends ERR_NONFATAL")
  func nonFatal() throws {
    var space = try space()
    try enableReports(&space)
    #expect(space.log(.completionTimeout) == [.nonFatal])
    #expect(space.deviceStatus == .nonFatalError)
    #expect(space.shows(.completionTimeout))
  }

  @Test("a severity that software raised makes the advisory case a fatal error")
  func severity() throws {
    var space = try space()
    try enableReports(&space)
    let place = try #require(space.places.advancedErrorReporting)
    space.write(offset: place + Register.uncorrectableSeverity, value: 1 << 20)
    #expect(space.log(.unsupportedRequest, header: request, isAdvisoryCase: true) == [.fatal])
    #expect(space.deviceStatus == [.fatalError, .unsupportedRequest])
  }

  @Test("a masked error sets its status bit, logs no header and sends nothing")
  func masked() throws {
    var space = try space()
    try enableReports(&space)
    let place = try #require(space.places.advancedErrorReporting)
    space.write(offset: place + Register.uncorrectableMask, value: 1 << 18)
    #expect(space.log(.malformedTLP, header: request) == [])
    #expect(try register(Register.uncorrectableStatus, of: space) == 1 << 18)
    #expect(try register(Register.headerLog, of: space) == 0)
  }

  @Test("the header log keeps the first error until software clears its bit")
  func firstError() throws {
    var space = try space()
    var other = request
    other.address = 0x100
    _ = space.log(.malformedTLP, header: request)
    _ = space.log(.poisonedTLP, header: other)
    #expect(try register(Register.control, of: space) & 0x1f == 18)
    #expect(try register(Register.headerLog + 8, of: space) == request.dw2)
    let place = try #require(space.places.advancedErrorReporting)
    space.write(offset: place + Register.uncorrectableStatus, value: 1 << 18)
    _ = space.log(.poisonedTLP, header: other)
    #expect(try register(Register.control, of: space) & 0x1f == 12)
    #expect(try register(Register.headerLog + 8, of: space) == other.dw2)
  }

  @Test("without enables nothing is sent; SERR# enable sends uncorrectable errors and sets the signaled bit")
  func enables() throws {
    var space = try space()
    #expect(space.log(.malformedTLP, header: request) == [])
    #expect(space.log(.badTLP) == [])
    space.write(offset: HeaderRegister.command, size: 2, value: UInt32(CommandBits.serrEnable.rawValue))
    #expect(space.log(.malformedTLP, header: request) == [.fatal])
    #expect(space.status.contains(.signaledSystemError))
    #expect(space.log(.badTLP) == [])
  }

  @Test("an unsupported request needs its own enable besides that of its severity")
  func unsupportedRequestEnable() throws {
    var space = try space()
    try unmask(&space)
    let place = try #require(space.places.express)
    space.write(offset: place + ExpressCapability.Register.deviceControl, size: 2, value: 0x7)
    #expect(space.log(.unsupportedRequest, header: request) == [])
    #expect(space.log(.unsupportedRequest, header: request, isAdvisoryCase: true) == [])
  }

  @Test("without error reporting registers the default severities and Device Status remain")
  func withoutAER() throws {
    var space = try space(hasAER: false)
    try enableReports(&space)
    #expect(space.log(.malformedTLP, header: request) == [.fatal])
    #expect(space.log(.unsupportedRequest, header: request, isAdvisoryCase: true) == [.correctable])
    #expect(!space.shows(.malformedTLP))
  }

  @Test(
    "what has no bit records nothing", arguments: [Violation.ordering, .nodeExit, .msixMasked, .tagReuse])
  func noBit(violation: Violation) throws {
    var space = try space()
    try enableReports(&space)
    let before = space
    #expect(space.log(violation) == [])
    #expect(space == before)
  }

  @Test("the record of errors outlives what software clears and a reset, until it is emptied")
  func record() throws {
    var space = try space()
    try unmask(&space)
    _ = space.log(.malformedTLP, header: request)
    _ = space.log(.badTLP)
    _ = space.log(.unsupportedRequest, header: request, isAdvisoryCase: true)
    let place = try #require(space.places.advancedErrorReporting)
    space.write(offset: place + Register.uncorrectableStatus, value: .max)
    space.write(offset: place + Register.correctableStatus, value: .max)
    #expect(!space.shows(.malformedTLP))
    space.reset(.powerOn)
    #expect(space.recordedErrors.uncorrectable == 1 << 18 | 1 << 20)
    #expect(space.recordedErrors.correctable == 1 << 6 | 1 << 13)
    #expect(
      space.recordedErrors.violations == [.malformedTLP, .unsupportedRequest, .badTLP, .advisoryNonFatal])
    space.forgetRecordedErrors()
    #expect(space.recordedErrors.isEmpty)
  }

  @Test("what sets no status bit is not recorded, what is masked is")
  func recordFollowsRegisters() throws {
    var space = try space()
    // Masked as after reset: the bit of the error itself stays clear.
    _ = space.log(.unsupportedRequest, header: request, isAdvisoryCase: true)
    #expect(space.recordedErrors.violations == [.advisoryNonFatal])
    let place = try #require(space.places.advancedErrorReporting)
    space.write(offset: place + Register.uncorrectableMask, value: 1 << 18)
    #expect(space.log(.malformedTLP, header: request) == [])
    #expect(space.recordedErrors.contains(.malformedTLP))
  }

  @Test("a second error finds the header log taken: told where that is declared, else silent")
  func headerLogOverflow() throws {
    var silent = try space()
    try enableReports(&silent)
    _ = silent.log(.malformedTLP, header: request)
    #expect(silent.log(.completionTimeout) == [.nonFatal])
    #expect(!silent.shows(.headerLogOverflow))
    var space = try space(reportsOverflow: true)
    try enableReports(&space)
    _ = space.log(.malformedTLP, header: request)
    // Masked as after reset.
    #expect(space.log(.completionTimeout) == [.nonFatal])
    #expect(space.shows(.headerLogOverflow))
    try unmask(&space)
    #expect(space.log(.completionTimeout) == [.nonFatal, .correctable])
  }

  @Test("an advisory error whose own bit is masked sets that bit and leaves the header log alone")
  func advisoryOfMasked() throws {
    var space = try space()
    try enableReports(&space)
    try unmask(&space)
    let place = try #require(space.places.advancedErrorReporting)
    space.write(offset: place + Register.uncorrectableMask, value: 1 << 20)
    #expect(space.log(.unsupportedRequest, header: request, isAdvisoryCase: true) == [.correctable])
    #expect(space.shows(.unsupportedRequest))
    #expect(try register(Register.headerLog, of: space) == 0)
  }

  @Test("the prefix log holds the end-to-end prefixes of the first error")
  func prefixLog() throws {
    var space = try space()
    var header = request
    header.prefixes.append(TLPPrefix(.vendorLocal0, content: 1))
    let prefix = TLPPrefix.processAddressSpace(0x12345)
    header.prefixes.append(prefix)
    _ = space.log(.malformedTLP, header: header)
    #expect(try register(Register.prefixLog, of: space) == prefix.rawValue)
    #expect(try register(Register.prefixLog + 4, of: space) == 0)
    #expect(try register(Register.control, of: space) & 1 << 11 != 0)
    let place = try #require(space.places.advancedErrorReporting)
    space.write(offset: place + Register.uncorrectableStatus, value: .max)
    _ = space.log(.malformedTLP, header: request)
    #expect(try register(Register.prefixLog, of: space) == 0)
    #expect(try register(Register.control, of: space) & 1 << 11 == 0)
  }
}
