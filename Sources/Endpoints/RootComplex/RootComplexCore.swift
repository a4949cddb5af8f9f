import LinkBroker
import PCIe
import Simulation

/// The state of a root complex and what happens to the TLPs that reach it.
public struct RootComplexCore: ~Copyable {
  public let node: Int
  public var memory: HostMemory
  /// What devices outside map too; nil where there is none.
  var shared: SharedHostMemory?
  public var ports = RootPorts()
  public var requester: Requester
  public var interrupts = InterruptTarget()
  /// What becomes of the addresses of requests from below.
  public var translations = TranslationTable()
  public internal(set) var invalidations = AwaitedInvalidations()
  var masks = InterruptMaskChecker()
  var wires: InterruptWires
  /// ERR_* messages that came from below, and those of the ports themselves.
  public internal(set) var errorMessageCount: UInt64 = 0
  /// The errors that Root Control has made system errors.
  public internal(set) var systemErrorCount: UInt64 = 0

  init(node: Int, memoryBytes: Int) {
    self.node = node
    memory = HostMemory(byteCount: memoryBytes)
    requester = Requester(timer: NodeTimer(node: node, token: 0))
    wires = InterruptWires(ports: 0)
  }

  mutating func attach(_ port: FabricPort, _ link: LinkConfiguration) {
    precondition(ports.ports.count == port.number, "ports are connected in the order of their numbers")
    precondition(port.number < 31, "bus 0 has room for 31 root ports")
    ports.ports.append(
      RootPort(port: port, device: UInt8(truncatingIfNeeded: port.number + 1), link: link))
    wires = InterruptWires(ports: ports.ports.count)
  }

  /// - Returns: a transfer that has already ended where no TLP is needed.
  mutating func beginRead(
    address: UInt64, count: Int, timeout: VirtualDuration?, in fabric: inout Fabric
  ) -> RequestOperation {
    if memory.contains(address, count: count) {
      return requester.readLocally(memory.bytes, at: Int(address), count: count)
    }
    if let shared, shared.contains(address, count: count) {
      return requester.readLocally(shared.read(address, count: count), at: 0, count: count)
    }
    let operation = requester.beginRead(
      address: address, count: count, timeout: timeout, over: ports, in: &fabric)
    if requester.status(of: operation) == .unsupportedRequest { reportUnclaimed(address, in: &fabric) }
    return operation
  }

  mutating func write(address: UInt64, data: [UInt8], in fabric: inout Fabric) -> RequestStatus {
    if memory.contains(address, count: data.count) {
      copyBytes(from: data, at: 0, to: &memory.bytes, at: Int(address), count: data.count)
      return .successful
    }
    if let shared, shared.contains(address, count: data.count) {
      shared.write(data, at: address)
      return .successful
    }
    masks.wrote(data, at: address) { requester.outstandingTags }
    if let port = ports.index(ofMemory: address) {
      requester.limits.maxPayloadBytes = ports.ports[port].maxPayloadBytes
    }
    let status = requester.write(
      address: address, data: data, count: data.count, over: ports, in: &fabric)
    if status == .unsupportedRequest { reportUnclaimed(address, in: &fabric) }
    return status
  }

  private func reportUnclaimed(_ address: UInt64, in fabric: inout Fabric) {
    fabric.report(
      Finding(
        time: fabric.now, violation: .unsupportedRequest, node: node,
        text: "no root port leads to 0x\(hexadecimal(address, digits: 8))"))
  }

  mutating func timerFired(in fabric: inout Fabric) {
    for expiry in requester.timerFired(over: ports, in: &fabric) {
      fabric.report(
        Finding(
          time: fabric.now, violation: .completionTimeout, node: node,
          text: "no completion for tag \(hexadecimal(UInt64(expiry.tag), digits: 2)) in time"))
      if let port = requester.target(of: expiry.operation).flatMap({ ports.index(for: $0) }) {
        log(.completionTimeout, nil, port: port, isAdvisoryCase: false, in: &fabric)
      }
    }
  }

  mutating func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {
    let link = ports.ports[port].port.link
    for message in ports.ports[port].bridge.show(change, of: link, in: &fabric) {
      takeError(message, from: ports.ports[port].bridge.id, port: port)
    }
    interrupt(from: port)
    if change != .up { _ = wires.release(port: port) }
    guard change == .surpriseDown else { return }
    fabric.report(
      Finding(
        time: fabric.now, violation: .surpriseDown, node: node, link: link,
        text: "the link went down by surprise"))
  }

  /// Starts all counts and the records of errors anew.
  public mutating func resetCounts() {
    requester.resetCounts()
    interrupts.resetCounts()
    for port in ports.ports.indices { ports.ports[port].bridge.space.forgetRecordedErrors() }
    errorMessageCount = 0
    systemErrorCount = 0
  }

  /// Records an error in a root port's registers.
  mutating func log(
    _ violation: Violation, _ header: TLPHeader?, port: Int, isAdvisoryCase: Bool, in fabric: inout Fabric
  ) {
    let id = ports.ports[port].bridge.id
    let messages = ports.ports[port].bridge.detect(
      violation, header: header, isAdvisoryCase: isAdvisoryCase, link: ports.ports[port].port.link,
      in: &fabric)
    for message in messages { takeError(message, from: id, port: port) }
    interrupt(from: port)
  }

  mutating func takeError(_ message: ErrorMessage, from source: FunctionAddress, port: Int) {
    errorMessageCount += 1
    ports.ports[port].takeError(message, from: source)
    if ports.ports[port].signalsSystemError(message) { systemErrorCount += 1 }
  }

  /// Takes the interrupts of a root port that have become due; they reach the interrupt target at once.
  ///
  /// - Source: PCI Express Base 5.0, 6.2.4.1.2 "Interrupt Generation".
  mutating func interrupt(from port: Int) {
    let due = ports.ports[port].bridge.takeInterrupts()
    let space = ports.ports[port].bridge.space
    guard space.isMSIEnabled else {
      guard due.assertsWire, !space.command.contains(.interruptDisable) else { return }
      return interrupts.arrive(wire: Int(space.header.interruptPin) - 1, from: ports.ports[port].bridge.id)
    }
    guard ports.ports[port].bridge.passesUpstream, InterruptTarget.claims(space.msiAddress) else { return }
    for vector in due.vectors { _ = interrupts.arrive(data: UInt32(space.msiData(vector: vector))) }
  }
}
