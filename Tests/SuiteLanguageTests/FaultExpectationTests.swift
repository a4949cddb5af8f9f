import Testing

@testable import PCIe
@testable import SuiteLanguage

@Suite("What a fault must show")
struct FaultExpectationTests {
  private func expectation(_ id: FaultID, _ role: FaultRole) throws -> FaultExpectation {
    try #require(id.entry.expectations.first { $0.role == role })
  }

  @Test("an answered request that is not supported is advisory, a posted one is not")
  func answered() throws {
    let completer = try expectation(.unsupportedRequest, .completer)
    let masked = ErrorSettings()
    let open = ErrorSettings(isAdvisoryMasked: false)
    let fatal = ErrorSettings(fatal: [.unsupportedRequest])
    #expect(completer.mustSets(masked, isPosted: false) == [[.advisoryNonFatal]])
    #expect(completer.mustSets(open, isPosted: false) == [[.advisoryNonFatal, .unsupportedRequest]])
    #expect(completer.mustSets(fatal, isPosted: false) == [[.unsupportedRequest]])
    #expect(completer.mustSets(masked, isPosted: true) == [[.unsupportedRequest]])
  }

  @Test("a missing bit and a surplus bit are refused")
  func admits() throws {
    let receiver = try expectation(.badLCRC, .receiver)
    let settings = ErrorSettings()
    #expect(receiver.admits([.badTLP], settings, isPosted: true))
    #expect(!receiver.admits([], settings, isPosted: true))
    #expect(!receiver.admits([.badTLP, .badDLLP], settings, isPosted: true))
    let ack = try expectation(.ackLost, .receiver)
    #expect(ack.admits([], settings, isPosted: true))
    #expect(ack.admits([.replayTimeout], settings, isPosted: true))
    #expect(!ack.admits([.replayRollover], settings, isPosted: true))
  }

  @Test("a choice is one list or another, never a mixture")
  func choices() throws {
    let requester = try expectation(.piecesReordered, .requester)
    let open = ErrorSettings(isAdvisoryMasked: false)
    #expect(requester.admits([.malformedTLP], open, isPosted: false))
    #expect(requester.admits([.advisoryNonFatal, .unexpectedCompletion], open, isPosted: false))
    #expect(!requester.admits([.malformedTLP, .unexpectedCompletion], open, isPosted: false))
    #expect(!requester.admits([.unexpectedCompletion], open, isPosted: false))
    #expect(!requester.admits([], open, isPosted: false))
  }

  @Test("a switch that passes poison on reports it as advisory")
  func forwarder() throws {
    let forwarder = try expectation(.poisonedWrite, .forwarder)
    #expect(forwarder.mustSets(ErrorSettings(), isPosted: true) == [[.advisoryNonFatal]])
  }

  @Test("only bits that registers have are expected")
  func bits() {
    for entry in FaultCatalogue.entries {
      for expectation in entry.expectations {
        for report in expectation.choices.joined() + expectation.may {
          let violation = report.violation
          #expect(violation.uncorrectableBit != nil || violation.correctableBit != nil, "\(entry.id)")
        }
      }
      for finding in entry.findings { #expect(finding.uncorrectableBit == nil) }
      #expect(Set(entry.expectations.map(\.role)).count <= entry.expectations.count)
    }
  }

  @Test("severities are those of the registers after reset")
  func severities() {
    for violation in Violation.allCases {
      guard let bit = violation.uncorrectableBit else { continue }
      let isFatal = AdvancedErrorReportingCapability.defaultSeverity & 1 << UInt32(bit) != 0
      #expect(ErrorSettings().fatal.contains(violation) == isFatal, "\(violation)")
    }
  }
}
