import LinkBroker
import PCIe
import Testing

@testable import Endpoints

@Suite struct ErrorTests {
  private let nowhere: UInt64 = 0x8000_0000

  /// Source: PCI Express Base 5.0, 6.2.3.2.4.1 and figure 6-2; the mask of advisory errors comes up set.
  @Test func unsupportedReadIsAdvisoryAndMaskedByDefault() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.read(nowhere, bytes: 4)
    let aer = bench.function.aer
    #expect(aer.correctable == 1 << 13)
    #expect(aer.uncorrectable == 0)
    #expect(bench.function.space.deviceStatus == [.correctableError, .unsupportedRequest])
  }

  @Test func unmaskedAdvisoryErrorIsLoggedWithItsHeader() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.writeAER(ProbeBench.AER.correctableMask, 0)
    bench.enableMessages(0b1001)
    let request = TLPHeader.memoryRead(address: nowhere, bytes: 4, requester: ProbeBench.hostID, tag: 0x55)
    let answers = bench.exchange(request)
    let aer = bench.function.aer
    #expect(aer.correctable == 1 << 13)
    #expect(aer.uncorrectable == 1 << 20)
    #expect(aer.first == 20)
    #expect(aer.log == [request.dw0, request.dw1, request.dw2, 0])
    #expect(answers.messages == [MessageCode.correctableError.rawValue])
    #expect(answers.first { $0.header.kind == .message }?.header.requesterID == ProbeBench.deviceID)
  }

  @Test func headerLogKeepsTheFirstErrorUntilItIsCleared() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.write(nowhere, [1, 2, 3, 4])
    let first = bench.function.aer.log
    bench.write(nowhere + 0x100, [1, 2, 3, 4])
    #expect(bench.function.aer.log == first)
    bench.writeAER(ProbeBench.AER.uncorrectableStatus, 1 << 20)
    #expect(bench.function.aer.uncorrectable == 0)
    bench.write(nowhere + 0x200, [1, 2, 3, 4])
    #expect(bench.function.aer.log[2] == UInt32(nowhere) + 0x200)
  }

  @Test func postedWriteToNobodyIsNonFatal() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.write(nowhere, [1, 2, 3, 4])
    #expect(bench.function.aer.uncorrectable == 1 << 20)
    #expect(bench.function.aer.correctable == 0)
    #expect(bench.function.space.deviceStatus == [.nonFatalError, .unsupportedRequest])
    #expect(bench.violations == [.unsupportedRequest])
  }

  struct Enable: Sendable {
    /// Device Control: correctable, non-fatal, fatal, unsupported request.
    var control: UInt32
    var systemError: Bool
    /// The codes of messages after an unsupported write and an unsupported read.
    var write: [MessageCode]
    var read: [MessageCode]
  }

  static let enables = [
    Enable(control: 0b0000, systemError: false, write: [], read: []),
    Enable(control: 0b0111, systemError: false, write: [], read: []),
    Enable(control: 0b1000, systemError: false, write: [], read: []),
    Enable(control: 0b1001, systemError: false, write: [], read: [.correctableError]),
    Enable(control: 0b1010, systemError: false, write: [.nonFatalError], read: []),
    Enable(control: 0b1111, systemError: false, write: [.nonFatalError], read: [.correctableError]),
    Enable(control: 0b0000, systemError: true, write: [.nonFatalError], read: []),
  ]

  @Test(arguments: enables)
  func messagesFollowTheEnables(enable: Enable) throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.writeAER(ProbeBench.AER.correctableMask, 0)
    bench.enableMessages(enable.control)
    bench.configurationWrite(HeaderRegister.command, enable.systemError ? 0x107 : 0x7, bytes: 2)
    let write = bench.write(nowhere, [1, 2, 3, 4]).messages
    let read = bench.read(nowhere, bytes: 4).messages
    #expect(write == enable.write.map(\.rawValue))
    #expect(read == enable.read.map(\.rawValue))
    #expect(bench.function.space.status.contains(.signaledSystemError) == enable.systemError)
  }

  @Test func severityMakesAnAdvisoryErrorFatal() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.writeAER(ProbeBench.AER.uncorrectableSeverity, 1 << 20)
    bench.enableMessages(0b1111)
    let messages = bench.read(nowhere, bytes: 4).messages
    #expect(messages == [MessageCode.fatalError.rawValue])
    #expect(bench.function.space.deviceStatus == [.fatalError, .unsupportedRequest])
    #expect(bench.function.aer.correctable == 0)
  }

  @Test func maskedErrorIsShownAndNotSent() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.writeAER(ProbeBench.AER.uncorrectableMask, 1 << 20)
    bench.enableMessages(0b1111)
    let messages = bench.write(nowhere, [1, 2, 3, 4]).messages
    #expect(messages.isEmpty)
    #expect(bench.function.aer.uncorrectable == 1 << 20)
    #expect(bench.function.aer.log == [0, 0, 0, 0])
  }

  @Test func withoutAdvancedErrorReportingDeviceStatusStillTells() throws {
    var bench = ProbeBench(try ProbeDevice { $0.hasAdvancedErrorReporting = false })
    bench.enableMessages(0b1010)
    let messages = bench.write(nowhere, [1, 2, 3, 4]).messages
    #expect(messages == [MessageCode.nonFatalError.rawValue])
    #expect(bench.function.space.deviceStatus == [.nonFatalError, .unsupportedRequest])
  }

  @Test func statusBitsAreClearedByWritingOne() throws {
    var bench = ProbeBench(try ProbeDevice())
    let place = try #require(bench.function.space.places.express)
    bench.write(nowhere, [1, 2, 3, 4])
    bench.configurationWrite(place + 10, 0xf, bytes: 2)
    #expect(bench.function.space.deviceStatus.isEmpty)
  }
}
