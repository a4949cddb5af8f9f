import LinkBroker
import PCIe
import Testing

@testable import Endpoints

/// A TLP with several things wrong, at an endpoint.
///
/// - Source: PCI Express Base 5.0, 6.2.3.2.3, 2.7.1 and 2.7.2.2.
@Suite struct PrecedenceTests {
  private let nowhere: UInt64 = 0x8000_0000

  private static func bench(checksDigests: Bool = false) throws -> ProbeBench {
    var bench = ProbeBench(try ProbeDevice())
    bench.writeAER(ProbeBench.AER.correctableMask, 0)
    bench.writeAER(ProbeBench.AER.control, checksDigests ? 1 << 8 : 0)
    bench.enableMessages(0xf)
    bench.device.function.resetCounts()
    return bench
  }

  private func poisoned(_ header: TLPHeader) -> TLPHeader {
    var header = header
    header.isPoisoned = true
    return header
  }

  @Test("a poisoned write to nowhere is an unsupported request")
  func poisonedToNowhere() throws {
    var bench = try Self.bench()
    let header = poisoned(.memoryWrite(address: nowhere, bytes: 4, requester: ProbeBench.hostID))
    let answers = bench.exchange(header, [1, 2, 3, 4])
    #expect(bench.function.space.recordedErrors.violations == [.unsupportedRequest])
    #expect(answers.messages == [MessageCode.nonFatalError.rawValue])
    #expect(bench.function.space.status.contains(.detectedParityError))
  }

  @Test("a poisoned I/O write to nowhere is one too, and is not advisory for all its completion")
  func poisonedIOToNowhere() throws {
    var bench = try Self.bench()
    let header = poisoned(.ioWrite(address: 0xff00, bytes: 4, requester: ProbeBench.hostID, tag: 9))
    let answers = bench.exchange(header, [1, 2, 3, 4])
    #expect(bench.function.space.recordedErrors.violations == [.unsupportedRequest])
    #expect(answers.completions.map(\.header.completionStatus) == [.unsupportedRequest])
    #expect(answers.messages == [MessageCode.nonFatalError.rawValue])
  }

  @Test("a poisoned configuration write is a poisoned TLP, no advisory case, and ends unsupported")
  func poisonedConfigurationWrite() throws {
    var bench = try Self.bench()
    let before = bench.function.space.command
    let header = poisoned(
      .configurationWrite(
        to: ProbeBench.deviceID, offset: HeaderRegister.command, bytes: 4, requester: ProbeBench.hostID,
        tag: 9))
    let answers = bench.exchange(header, [0, 0, 0, 0])
    #expect(bench.function.space.command == before)
    #expect(bench.function.space.recordedErrors.violations == [.poisonedTLP])
    #expect(answers.completions.map(\.header.completionStatus) == [.unsupportedRequest])
    #expect(answers.messages == [MessageCode.nonFatalError.rawValue])
  }

  @Test("a poisoned configuration write to another function is an unsupported request")
  func poisonedWriteToNoFunction() throws {
    var bench = try Self.bench()
    let header = poisoned(
      .configurationWrite(
        to: FunctionAddress(bus: 1, device: 0, function: 5), offset: 4, bytes: 4,
        requester: ProbeBench.hostID,
        tag: 9))
    bench.exchange(header, [0, 0, 0, 0])
    #expect(bench.function.space.recordedErrors.violations == [.unsupportedRequest])
  }

  @Test("a malformed TLP that is poisoned, with a bad digest and for nowhere, is malformed")
  func malformedHidesAll() throws {
    var bench = try Self.bench(checksDigests: true)
    corruptDigests(&bench)
    var header = poisoned(.memoryWrite(address: nowhere, bytes: 4, requester: ProbeBench.hostID))
    header.hasDigest = true
    // Byte enables of a second DW that is not there.
    header.lastByteEnable = 0xf
    bench.exchange(header, [1, 2, 3, 4])
    #expect(bench.function.space.recordedErrors.violations == [.malformedTLP])
  }

  @Test("a bad digest hides poison and an address of nobody; nobody is answered")
  func digestHidesTheRest() throws {
    var bench = try Self.bench(checksDigests: true)
    corruptDigests(&bench)
    var header = poisoned(.ioWrite(address: 0xff00, bytes: 4, requester: ProbeBench.hostID, tag: 3))
    header.hasDigest = true
    let answers = bench.exchange(header, [1, 2, 3, 4])
    #expect(bench.function.space.recordedErrors.violations == [.ecrc])
    #expect(answers.completions.isEmpty)
    #expect(answers.messages == [MessageCode.nonFatalError.rawValue])
  }

  @Test(
    "a bad digest is nothing where digests are not checked, a good one where they are",
    arguments: [false, true])
  func digestUnchecked(isChecked: Bool) throws {
    var bench = try Self.bench(checksDigests: isChecked)
    if !isChecked { corruptDigests(&bench) }
    var header = TLPHeader.memoryRead(
      address: ProbeBench.address(ofBar: 0), bytes: 4, requester: ProbeBench.hostID, tag: 3)
    header.hasDigest = true
    let answers = bench.exchange(header)
    #expect(answers.completions.map(\.header.completionStatus) == [.successful])
    #expect(bench.function.space.recordedErrors.isEmpty)
  }

  private func corruptDigests(_ bench: inout ProbeBench) {
    bench.fabric.arm([
      LinkFault(
        .corrupt(.ecrc, value: nil), on: [.init(link: bench.link, isDownstream: true)],
        match: .init(.tlps(.any)))
    ])
  }

  @Test("with ECRC generation on, what the function sends carries a digest", arguments: [false, true])
  func generation(isOn: Bool) throws {
    var bench = try Self.bench()
    bench.writeAER(ProbeBench.AER.control, isOn ? 1 << 6 : 0)
    let answers = bench.read(ProbeBench.address(ofBar: 0), bytes: 4)
    #expect(answers.completions.map(\.header.hasDigest) == [isOn])
    bench.writeAER(ProbeBench.AER.control, 0)
    #expect(bench.read(ProbeBench.address(ofBar: 0), bytes: 4).completions.map(\.header.hasDigest) == [false])
  }
}
