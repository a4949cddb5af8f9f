import Endpoints
import LinkBroker
import PCIe
import RunEvents
import Simulation
import SuiteLanguage

// What each verb does. A verb that is done at once gives no work to wait for.
extension StepEngine {
  mutating func start(_ step: Step, _ index: StepIndex, emit: Emit) throws(StepFailure) -> PendingWork? {
    switch step.action {
    case .configurationRead(let read): return try start(read, step)
    case .configurationWrite(let write): return try start(write, step, index)
    case .memoryRead(let read): return try start(read, step)
    case .memoryWrite(let write): return try start(write, index)
    case .dmaRead(let read):
      return try startDMA(read.requester, read.address, Int(read.length), step, read.expectation)
    case .dmaWrite(let write):
      let bytes = try data.bytes(write.data, step: index)
      data.save(bytes, as: write.save)
      return try post(write.requester, write.address, bytes)
    case .msix(let request): try raise(request)
    case .wait(let condition):
      if case .console(_, let text) = condition { _ = try pattern(text) }
      try checkHearing(condition)
      return .condition(condition)
    case .expect(.advancedErrorReporting(let target, let expectation)):
      counts.checks += 1
      return .script(try script(target, expectation))
    case .expect(let expectation):
      try look(emit: emit)
      try check(expectation)
    case .link(let change): try perform(change)
    case .reset(let reset): return .script(try script(reset))
    case .translate(let change): return try start(change)
    case .note(let text):
      topology.fabric.noteInCapture(text)
      emit(.note(Note(text)), time)
    case .repeat, .parallel: preconditionFailure("lists of steps are entered, not started")
    case .send(let line): try send(line)
    case .start(let node): return try start(node: node)
    case .stop(let node): return try stop(node: node)
    case .amu(let command): return try start(command)
    case .amuException(let exception): return try start(exception)
    case .amuTrace(let trace): return try start(trace)
    case .amuErrorState(let state): return try start(state)
    case .amsSend(let send): return try start(send, index)
    case .amsReceive(let receive): return try start(receive, index)
    }
    return nil
  }

  private mutating func start(
    _ read: Step.ConfigurationRead, _ step: Step
  ) throws(StepFailure) -> PendingWork {
    if let software = software(read.requester) { return try self.read(read, by: software) }
    let target = try address(read.function)
    let offset = try register(read.offset, of: read.capability, read.function)
    let operation = topology.host.beginConfigurationRead(
      of: target, offset: offset, size: read.size, timeout: limit(step), in: &topology.fabric)
    return .hostRequest(operation, read.expectation)
  }

  /// Waits a little before a configuration request that has met RRS is sent again, as a root complex must.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.2 "Completion Handling Rules", for a root complex in which
  ///   Configuration RRS Software Visibility is off; the pause is a choice of this model.
  mutating func askAgain() -> PendingWork {
    let pause = VirtualDuration.microseconds(100)
    topology.fabric.setTimer(
      after: pause, node: topology.rootComplex.core.node, token: SoftwareScript.timerToken)
    return .askingAgain(at: topology.fabric.now + pause)
  }

  private mutating func start(
    _ write: Step.ConfigurationWrite, _ step: Step, _ index: StepIndex
  ) throws(StepFailure) -> PendingWork {
    let bytes = try data.bytes(write.data, step: index)
    guard bytes.count == write.size else {
      throw .expectation("data of \(bytes.count) bytes for a register of \(write.size)")
    }
    if let software = software(write.requester) { return try self.write(write, bytes, by: software) }
    let target = try address(write.function)
    let offset = try register(write.offset, of: write.capability, write.function)
    let operation = topology.host.beginConfigurationWrite(
      to: target, offset: offset, data: bytes, timeout: limit(step), in: &topology.fabric)
    return .hostRequest(operation, ReadExpectation(status: write.status))
  }

  private mutating func start(_ read: Step.MemoryRead, _ step: Step) throws(StepFailure) -> PendingWork {
    if let software = software(read.requester) { return try self.read(read, by: software) }
    let address = try address(read.target)
    guard read.requester == topology.description.root?.name else {
      return try startDMA(read.requester, address, Int(read.length), step, read.expectation)
    }
    let operation = topology.host.beginRead(
      address: address, count: Int(read.length), timeout: limit(step), in: &topology.fabric)
    return .hostRequest(operation, read.expectation)
  }

  private mutating func start(
    _ write: Step.MemoryWrite, _ index: StepIndex
  ) throws(StepFailure) -> PendingWork? {
    let bytes = try data.bytes(write.data, step: index)
    try checkFit(write.target, bytes.count)
    data.save(bytes, as: write.save)
    if let software = software(write.requester) {
      return try self.write(write.target, bytes, by: software)
    }
    let address = try address(write.target)
    if let program = topology.program, write.requester == topology.description.root?.name {
      return .hostRequest(program.beginWrite(address: address, data: bytes), ReadExpectation())
    }
    return try post(write.requester, address, bytes)
  }

  /// Data from a file has a length that the loader could not hold against the region.
  private func checkFit(_ target: MemoryTarget, _ count: Int) throws(StepFailure) {
    guard case .region(.node(let node), let region, let offset) = target, case .bar(let index) = region,
      let size = topology.description.node(node)?.function?.bar(index)?.size
    else { return }
    guard offset <= size, UInt64(count) <= size - offset else {
      throw .expectation(
        "\(count) B at 0x\(String(offset, radix: 16)) end past \(node).\(region.name) (\(size) B)")
    }
  }

  /// Hands a posted write to the links; what they have no room for yet is left to wait for.
  private mutating func post(
    _ node: String, _ address: UInt64, _ bytes: [UInt8]
  ) throws(StepFailure) -> PendingWork? {
    let endpoint = node == topology.description.root?.name ? nil : try endpoint(node)
    var write = PostedWrite(endpoint: endpoint, node: node, address: address, bytes: bytes)
    return try write.advance(&topology) ? nil : .posting(write)
  }

  private mutating func startDMA(
    _ node: String, _ address: UInt64, _ count: Int, _ step: Step, _ expectation: ReadExpectation
  ) throws(StepFailure) -> PendingWork {
    let endpoint = try endpoint(node)
    let operation = endpoint.beginDMARead(
      address: address, count: count, timeout: limit(step), in: &topology.fabric)
    guard let operation else { throw .expectation("\(node) is not connected") }
    return .dmaRead(operation, endpoint, expectation)
  }

  private mutating func raise(_ request: Step.InterruptRequest) throws(StepFailure) {
    switch try endpoint(request.node).raiseMSIX(vector: request.vector, in: &topology.fabric) {
    case .sent, .pending: return
    case .disabled:
      throw .expectation(
        "\(request.node) did not raise msix \(request.vector): MSI-X or bus master enable is off")
    case .outOfRange:
      throw .expectation("\(request.node) has no msix \(request.vector)")
    }
  }

  private func endpoint(_ node: String) throws(StepFailure) -> any BusMasteringEndpoint {
    guard let endpoint = topology.endpoints[node] as? any BusMasteringEndpoint else {
      throw .expectation("\(node) is no endpoint")
    }
    return endpoint
  }

  func limit(_ step: Step) -> VirtualDuration? {
    step.timeout.map { VirtualDuration(picoseconds: task.timeoutScale.applied(to: $0).picoseconds) }
  }

  func address(_ target: FunctionTarget) throws(StepFailure) -> FunctionAddress {
    guard let address = topology.address(of: target) else {
      throw .expectation("enumeration found no function for \(target.text)")
    }
    return address
  }

  /// Where a register stands in the configuration space.
  private func register(
    _ offset: Int, of capability: CapabilityName?, _ target: FunctionTarget
  ) throws(StepFailure) -> Int {
    guard let capability else { return offset }
    guard let start = topology.place(of: capability, target) else {
      throw .expectation("enumeration found no \(capability.rawValue) capability in \(target.text)")
    }
    guard start + offset < ConfigurationSpace.byteCount else {
      let place = "\(capability.rawValue)+0x\(String(offset, radix: 16))"
      throw .expectation("\(place) of \(target.text) is past the configuration space")
    }
    return start + offset
  }

  private func address(_ target: MemoryTarget) throws(StepFailure) -> UInt64 {
    switch target {
    case .address(let address): return address
    case .region(let function, let region, let offset):
      guard let address = topology.address(of: function, region, offset: offset) else {
        throw .expectation("enumeration placed no \(region.name) of \(function.text)")
      }
      if topology.isIO(region, of: function) {
        throw .expectation("\(region.name) of \(function.text) decodes I/O addresses, and steps reach memory")
      }
      return address
    }
  }
}
