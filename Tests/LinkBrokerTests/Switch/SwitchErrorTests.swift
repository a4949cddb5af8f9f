import LinkBroker
import PCIe
import Testing

/// Errors that pass a switch, and those that its ports find.
struct SwitchErrorTests {
  struct Gate: CustomTestStringConvertible, Sendable {
    var message: MessageCode
    var bridge = true
    /// Device Control: 1 correctable, 2 non-fatal, 4 fatal.
    var reports: UInt32
    var command = false
    var passes: Bool
    var testDescription: String { "\(message.mnemonic) \(bridge) \(reports) \(command)" }
  }

  /// - Source: PCI Express Base 5.0, 6.2.6 figure 6-3, 7.5.1.1.3 and 7.5.1.3.13.
  static let gates = [
    Gate(message: .correctableError, reports: 1, passes: true),
    Gate(message: .correctableError, reports: 6, passes: false),
    Gate(message: .correctableError, reports: 0, command: true, passes: false),
    Gate(message: .correctableError, bridge: false, reports: 7, passes: false),
    Gate(message: .nonFatalError, reports: 2, passes: true),
    Gate(message: .nonFatalError, reports: 5, passes: false),
    Gate(message: .nonFatalError, reports: 0, command: true, passes: true),
    Gate(message: .nonFatalError, bridge: false, reports: 7, command: true, passes: false),
    Gate(message: .fatalError, reports: 4, passes: true),
    Gate(message: .fatalError, reports: 3, passes: false),
    Gate(message: .fatalError, reports: 0, command: true, passes: true),
    Gate(message: .fatalError, bridge: false, reports: 7, command: true, passes: false),
  ]

  @Test("a message passes by the enables of the bridge, and each bridge keeps its traces", arguments: gates)
  func gating(gate: Gate) {
    let bench = SwitchBench()
    bench.enableErrors(gate.reports)
    let id = SwitchBench.portID(1)
    if !gate.bridge { bench.write(id, HeaderRegister.interruptLine, 0) }
    if gate.command {
      for function in [SwitchBench.switchID, id] { bench.write(function, HeaderRegister.command, 0x107) }
    }
    bench.root.arrivals.removeAll()
    bench.send(.message(gate.message, requester: SwitchBench.deviceID(1)), from: 1)
    #expect(bench.messagesAtRoot == (gate.passes ? [gate.message] : []))
    let isUncorrectable = gate.message != .correctableError
    // Received System Error does not ask for enables, Signaled System Error does.
    #expect(bench.space(id).secondaryStatus.contains(.signaledSystemError) == isUncorrectable)
    #expect(
      bench.space(id).status.contains(.signaledSystemError)
        == (isUncorrectable && gate.command && gate.bridge))
    #expect(bench.violations.isEmpty)
  }

  @Test("the upstream port stops a message of a downstream port as it does one from below")
  func upstreamGate() {
    let bench = SwitchBench()
    bench.enableErrors()
    bench.write(SwitchBench.switchID, HeaderRegister.interruptLine, 0)
    bench.root.arrivals.removeAll()
    bench.send(.message(.fatalError, requester: SwitchBench.deviceID(0)), from: 0)
    // A write up to nobody: the downstream port itself reports.
    bench.send(.memoryWrite(address: 0x9000_0000, bytes: 4, requester: SwitchBench.deviceID(0)), from: 0)
    #expect(bench.space(SwitchBench.portID(0)).shows(.unsupportedRequest))
    #expect(bench.messagesAtRoot.isEmpty)
  }

  @Test("poisoned data pass; the port where they come in reports an advisory error")
  func poisonPasses() {
    let bench = SwitchBench()
    bench.enableErrors()
    var header = TLPHeader.memoryWrite(address: SwitchBench.memory(0), bytes: 4, requester: rootID)
    header.isPoisoned = true
    bench.send(header)
    #expect(bench.devices[0].arrivals.map(\.header) == [header])
    #expect(bench.space(SwitchBench.switchID).recordedErrors.violations == [.poisonedTLP, .advisoryNonFatal])
    #expect(bench.space(SwitchBench.switchID).status.contains(.detectedParityError))
    #expect(bench.space(SwitchBench.portID(0)).recordedErrors.isEmpty)
    #expect(bench.messagesAtRoot == [.correctableError])
    // A severity of fatal leaves nothing to advise.
    bench.writeExtended(
      SwitchBench.switchID, .advancedErrorReporting,
      AdvancedErrorReportingCapability.Register.uncorrectableSeverity, 1 << 12)
    bench.send(header)
    #expect(bench.messagesAtRoot.last == .fatalError)
  }

  @Test("Master Data Parity Error shows on the requester's side, where parity errors are responded to")
  func parity() {
    let bench = SwitchBench()
    var header = TLPHeader.memoryWrite(address: SwitchBench.memory(0), bytes: 4, requester: rootID)
    header.isPoisoned = true
    bench.send(header)
    #expect(!bench.space(SwitchBench.portID(0)).secondaryStatus.contains(.dataParityError))
    bench.write(SwitchBench.portID(0), HeaderRegister.interruptLine, 1 << 16)
    bench.send(header)
    #expect(bench.space(SwitchBench.portID(0)).secondaryStatus.contains(.dataParityError))
    #expect(!bench.space(SwitchBench.switchID).status.contains(.dataParityError))
  }

  struct Block: CustomTestStringConvertible, Sendable {
    var violation: Violation
    var isPosted: Bool
    var testDescription: String { violation.rawValue }
  }

  static let blocks = [
    Block(violation: .atomicEgressBlocked, isPosted: false),
    Block(violation: .prefixBlocked, isPosted: false), Block(violation: .prefixBlocked, isPosted: true),
    Block(violation: .poisonEgressBlocked, isPosted: true),
    Block(violation: .poisonEgressBlocked, isPosted: false),
  ]

  /// - Source: PCI Express Base 5.0, 6.2.7 table 6-5: the egress port reports, and answers as unsupported.
  @Test("an egress port blocks what software has it block, and nothing without", arguments: blocks)
  func egress(block: Block) {
    let bench = SwitchBench()
    bench.enableErrors()
    let id = SwitchBench.portID(0)
    let address = SwitchBench.memory(0)
    var header =
      block.isPosted
      ? TLPHeader.memoryWrite(address: address, bytes: 4, requester: rootID)
      : TLPHeader.memoryRead(address: address, bytes: 4, requester: rootID, tag: 200)
    switch block.violation {
    case .prefixBlocked: header.prefixes.append(.processAddressSpace(1))
    case .poisonEgressBlocked where block.isPosted: header.isPoisoned = true
    default:
      header = .atomic(.fetchAdd, address: address, operandBytes: 4, requester: rootID, tag: 200)
      header.isPoisoned = block.violation == .poisonEgressBlocked
    }
    bench.send(header)
    #expect(bench.devices[0].arrivals.count == 1)
    // The bench's device answers nothing: the tag is given up.
    bench.fabric.abandon(rootID, tag: 200)
    bench.root.arrivals.removeAll()
    bench.model.resetCounts()
    switch block.violation {
    case .atomicEgressBlocked: bench.writeExpress(id, ExpressCapability.Register.deviceControl2, 1 << 7)
    case .prefixBlocked: bench.writeExpress(id, ExpressCapability.Register.deviceControl2, 1 << 15)
    default: bench.writeExtended(id, .downstreamPortContainment, 4, 1 << 21)
    }
    bench.root.arrivals.removeAll()
    bench.send(header)
    #expect(bench.devices[0].arrivals.count == 1)
    #expect(bench.statusesAtRoot == (block.isPosted ? [] : [.unsupportedRequest]))
    let recorded = bench.space(id).recordedErrors
    #expect(recorded.contains(block.violation))
    #expect(recorded.contains(.advisoryNonFatal) == !block.isPosted)
    #expect(bench.space(SwitchBench.switchID).recordedErrors.isEmpty)
  }

  /// - Source: PCI Express Base 5.0, 6.12.1.1 and 6.12.4.
  @Test("source validation aborts requests of others, and passes those of the bus below")
  func sourceValidation() {
    let bench = SwitchBench()
    let id = SwitchBench.portID(0)
    let foreign = TLPHeader.memoryRead(
      address: 0x1000, bytes: 4, requester: SwitchBench.deviceID(1), tag: 1)
    bench.send(foreign, from: 0)
    #expect(bench.atRoot == [.memoryRead])
    bench.writeExtended(id, .accessControlServices, 4, 1 << 16)
    bench.root.arrivals.removeAll()
    bench.send(.memoryRead(address: 0x1000, bytes: 4, requester: SwitchBench.deviceID(0), tag: 2), from: 0)
    #expect(bench.atRoot == [.memoryRead])
    bench.fabric.abandon(SwitchBench.deviceID(1), tag: 1)
    bench.send(foreign, from: 0)
    bench.send(.memoryWrite(address: 0x1000, bytes: 4, requester: SwitchBench.deviceID(1)), from: 0)
    #expect(bench.atRoot == [.memoryRead])
    #expect(bench.violations == [.acsViolation, .acsViolation])
    #expect(bench.space(id).recordedErrors.contains(.acsViolation))
    #expect(bench.space(id).secondaryStatus.contains(.signaledTargetAbort))
  }

  @Test("with request redirect a request between peers goes up")
  func redirect() {
    let bench = SwitchBench()
    let header = TLPHeader.memoryWrite(
      address: SwitchBench.memory(1), bytes: 4, requester: SwitchBench.deviceID(0))
    bench.send(header, from: 0)
    #expect(bench.at(1) == [.memoryWrite] && bench.root.arrivals.isEmpty)
    bench.writeExtended(SwitchBench.portID(0), .accessControlServices, 4, 1 << 18)
    bench.root.arrivals.removeAll()
    bench.send(header, from: 0)
    #expect(bench.at(1) == [.memoryWrite] && bench.atRoot == [.memoryWrite])
  }

  /// - Source: PCI Express Base 5.0, 2.7.1: a switch passes a TLP with a bad digest on as it is.
  @Test("a bad digest passes")
  func digestPasses() {
    let bench = SwitchBench()
    bench.writeExtended(
      SwitchBench.switchID, .advancedErrorReporting, AdvancedErrorReportingCapability.Register.control, 1 << 8
    )
    bench.fabric.arm([
      LinkFault(
        .corrupt(.ecrc, value: nil), on: [.init(link: bench.upstreamLink, isDownstream: true)],
        match: .init(.tlps(.any)), selection: .nth(1))
    ])
    var header = TLPHeader.memoryWrite(address: SwitchBench.memory(0), bytes: 4, requester: rootID)
    header.hasDigest = true
    bench.send(header)
    #expect(bench.at(0) == [.memoryWrite])
    #expect(bench.violations.isEmpty && bench.space(SwitchBench.switchID).recordedErrors.isEmpty)
  }
}
