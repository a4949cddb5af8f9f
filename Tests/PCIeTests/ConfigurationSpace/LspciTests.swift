import Foundation
import PCIe
import Testing

/// Debian's lspci, where it is installed.
enum Lspci {
  static let path = ["/usr/bin/lspci", "/usr/sbin/lspci", "/sbin/lspci", "/opt/homebrew/sbin/lspci"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// What `lspci -vvv` says of a text dump.
  static func decode(_ text: String) throws -> [String] {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "pcie-harness-\(UUID().uuidString).lspci")
    try text.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(filePath: try #require(path))
    process.arguments = ["-F", file.path, "-vvv", "-nn"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }
}

/// A second reader of our configuration spaces.
///
/// `apt-get install pciutils` brings lspci; without it these tests are skipped, as nothing else needs it.
@Suite(.enabled(if: Lspci.path != nil, "lspci is not installed: apt-get install pciutils"))
struct LspciTests {
  private func expect(_ expected: [String], in lines: [String]) {
    for line in expected {
      #expect(
        lines.contains { $0.hasPrefix(line) }, "'\(line)' is missing in:\n\(lines.joined(separator: "\n"))")
    }
    // lspci writes <access denied>, <chain broken> or <?> for what it cannot make sense of.
    #expect(!lines.contains { $0.contains("<chain") || $0.contains("<?>") || $0.contains("denied") })
  }

  @Test func decodesAnEndpoint() throws {
    var space = try Spaces.endpoint()
    space.write(offset: HeaderRegister.command, size: 2, value: 0x0006)
    space.write(offset: HeaderRegister.bar(0), value: 0xe000_0000)
    space.write(offset: HeaderRegister.bar(2), value: 0)
    space.write(offset: HeaderRegister.bar(3), value: 0x8)
    space.write(offset: HeaderRegister.bar(4), value: 0xe010_0000)
    let lines = try Lspci.decode(space.lspciText(at: FunctionAddress(bus: 1, device: 0, function: 0)))
    expect(
      [
        "01:00.0 Unassigned class [ff00]", "Subsystem: Red Hat, Inc. Device [1af4:1100]",
        "Control: I/O- Mem+ BusMaster+", "Interrupt: pin A routed to IRQ 0",
        "Region 0: Memory at e0000000 (32-bit, non-prefetchable)",
        "Region 2: Memory at 800000000 (64-bit, prefetchable)",
        "Region 4: Memory at e0100000 (64-bit, non-prefetchable)",
        "Capabilities: [40] Power Management version 3",
        "Flags: PMEClk- DSI- D1+ D2- AuxCurrent=0mA PME(D0+,D1-,D2-,D3hot+,D3cold+)",
        "Status: D0 NoSoftRst+ PME-Enable-",
        "Capabilities: [48] MSI: Enable- Count=1/8 Maskable+ 64bit+",
        "Capabilities: [60] MSI-X: Enable- Count=64 Masked-", "Vector table: BAR=4 offset=00000000",
        "PBA: BAR=4 offset=00001000", "Capabilities: [6c] Express (v2) Endpoint, MSI 00",
        "DevCap:\tMaxPayload 512 bytes", "ExtTag+ AttnBtn- AttnInd- PwrInd- RBE+ FLReset+",
        "RlxdOrd+ ExtTag- PhantFunc- AuxPwr- NoSnoop+ FLReset-",
        "MaxPayload 128 bytes, MaxReadReq 512 bytes", "LnkCap:\tPort #0, Speed 32GT/s, Width x16",
        "LnkSta:\tSpeed 32GT/s, Width x16", "DevCap2: Completion Timeout: Range ABCD, TimeoutDis+",
        "10BitTagComp+ 10BitTagReq+ OBFF Not Supported, ExtFmt+ EETLPPrefix+, MaxEETLPPrefixes 2",
        "AtomicOpsCap: 32bit+ 64bit+ 128bitCAS+", "DevCtl2: Completion Timeout: 50us to 50ms, TimeoutDis-",
        "LnkCap2: Supported Link Speeds: 2.5-32GT/s", "LnkCtl2: Target Link Speed: 32GT/s",
      ], in: lines)
    expect(
      [
        "Capabilities: [100 v2] Advanced Error Reporting",
        "UESvrt:\tDLP+ SDES- TLP- FCP+ CmpltTO- CmpltAbrt- UnxCmplt- RxOF+ MalfTLP+ ECRC- UnsupReq-",
        "CEMsk:\tRxErr- BadTLP- BadDLLP- Rollover- Timeout- AdvNonFatalErr+",
        "AERCap:\tFirst Error Pointer: 00, ECRCGenCap+ ECRCGenEn- ECRCChkCap+ ECRCChkEn-",
        "Capabilities: [148 v1] Device Serial Number 01-02-03-04-05-06-07-08",
        "Capabilities: [154 v1] Alternative Routing-ID Interpretation (ARI)",
        "ARICap:\tMFVC- ACS-, Next Function: 1",
        "Capabilities: [15c v1] Single Root I/O Virtualization (SR-IOV)",
        "IOVCtl:\tEnable- Migration- Interrupt- MSE- ARIHierarchy-",
        "Initial VFs: 8, Total VFs: 8, Number of VFs: 0", "VF offset: 16, stride: 2, Device ID: 1234",
        "Supported Page Size: 00000553, System Page Size: 00000001",
        "Region 0: Memory at 0000000000000000 (64-bit, prefetchable)",
        "Capabilities: [19c v1] Address Translation Service (ATS)", "ATSCap:\tInvalidate Queue Depth: 10",
        "Capabilities: [1a4 v1] Page Request Interface (PRI)", "PRISta: RF- UPRGI- Stopped+",
        "Page Request Capacity: 00000040", "Capabilities: [1b4 v1] Process Address Space ID (PASID)",
        "PASIDCap: Exec+ Priv+, Max PASID Width: 10", "Capabilities: [1bc v1] Access Control Services",
        "ACSCap:\tSrcValid- TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd-",
      ], in: lines)
  }

  @Test func decodesARootPort() throws {
    var space = try Spaces.rootPort()
    space.write(offset: HeaderRegister.command, size: 2, value: 0x0007)
    space.write(offset: HeaderRegister.primaryBus, value: 0x00_02_01_00, byteEnables: 0b0111)
    space.write(offset: HeaderRegister.memoryBase, value: 0xe01f_e000)
    let lines = try Lspci.decode(space.lspciText(at: FunctionAddress(bus: 0, device: 2, function: 0)))
    expect(
      [
        "00:02.0 PCI bridge [0604]", "Bus: primary=00, secondary=01, subordinate=02",
        "I/O behind bridge: 0000f000-00000fff [disabled] [32-bit]",
        "Memory behind bridge: e0000000-e01fffff [size=2M]",
        "Prefetchable memory behind bridge: 00000000fff00000-00000000000fffff [disabled] [64-bit]",
        "Capabilities: [40] Express (v2) Root Port (Slot+), MSI 00",
        "LnkCap:\tPort #7, Speed 16GT/s, Width x8", "ClockPM- Surprise+ LLActRep+ BwNot+",
        "TrErr- Train- SlotClk+ DLActive+",
        "SltCap:\tAttnBtn- PwrCtrl- MRL- AttnInd- PwrInd- HotPlug+ Surprise+",
        "Slot #5, PowerLimit 25W; Interlock- NoCompl+", "RootCap: CRSVisible+",
        "LnkCap2: Supported Link Speeds: 2.5-16GT/s", "Capabilities: [7c] Power Management version 3",
        "Capabilities: [84] MSI: Enable- Count=1/1 Maskable- 64bit-",
        "Capabilities: [100 v2] Advanced Error Reporting", "UESvrt:\tDLP+ SDES+ TLP- FCP+",
        "RootCmd: CERptEn- NFERptEn- FERptEn-", "ErrorSrc: ERR_COR: 0000 ERR_FATAL/NONFATAL: 0000",
        "Capabilities: [148 v1] Access Control Services",
        "ACSCap:\tSrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl-",
        "Capabilities: [150 v1] Downstream Port Containment",
        "DpcCap:\tINT Msg #0, RPExt+ PoisonedTLP- SwTrigger+ RP PIO Log 4",
      ], in: lines)
  }

  @Test func decodesErrorsOfARootPort() throws {
    var space = try Spaces.rootPort()
    let request = TLPHeader.memoryWrite(
      address: 0x1000, bytes: 4, requester: FunctionAddress(bus: 1, device: 0, function: 0))
    _ = space.log(.malformedTLP, header: request)
    _ = space.log(.unsupportedRequest, header: request)
    _ = space.log(.badTLP)
    let aer = try #require(space.places.advancedErrorReporting)
    typealias Register = AdvancedErrorReportingCapability.Register
    space.replace(.max, with: 1 << 2 | 1 << 3 | 1 << 4 | 1 << 6, at: aer + Register.rootErrorStatus)
    space.setWord(aer + Register.uncorrectableSourceID, 0x0100)
    space.write(offset: aer + Register.rootErrorCommand, value: 7)
    let containment = try #require(space.places[.downstreamPortContainment])
    typealias Containment = DownstreamPortContainmentCapability.Register
    space.write(offset: containment + Containment.control, size: 2, value: 2 | 1 << 2 | 1 << 3)
    space.setWord(containment + Containment.status, 1 | 2 << 1 | 1 << 3)
    space.setWord(containment + Containment.errorSourceID, 0x0100)
    let lines = try Lspci.decode(space.lspciText(at: FunctionAddress(bus: 0, device: 2, function: 0)))
    expect(
      [
        "UESta:\tDLP- SDES- TLP- FCP- CmpltTO- CmpltAbrt- UnxCmplt- RxOF- MalfTLP+ ECRC- UnsupReq+",
        "CESta:\tRxErr- BadTLP+ BadDLLP- Rollover- Timeout- AdvNonFatalErr-",
        "AERCap:\tFirst Error Pointer: 12", "HeaderLog: 40000001 0100000f 00001000 00000000",
        "RootCmd: CERptEn+ NFERptEn+ FERptEn+",
        "RootSta: CERcvd- MultCERcvd- UERcvd+ MultUERcvd+", "FirstFatal+ NonFatalMsg- FatalMsg+",
        "ErrorSrc: ERR_COR: 0000 ERR_FATAL/NONFATAL: 0100",
        "DpcCtl:\tTrigger:2 Cmpl+ INT+ ErrCor- PoisonedTLP- SwTrigger-",
        "DpcSta:\tTrigger+ Reason:02 INT+ RPBusy-", "Source:\t0100",
        "DevSta:\tCorrErr+ NonFatalErr+ FatalErr+ UnsupReq+",
      ], in: lines)
  }
}
