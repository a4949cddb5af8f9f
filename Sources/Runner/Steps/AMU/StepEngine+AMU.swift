import Endpoints
import PCIe
import RevereInterface
import RunEvents
import SuiteLanguage

// Steps that a driver of a Revere-AMU does.
extension StepEngine {
  mutating func start(_ command: Step.ManagementCommand) throws(StepFailure) -> PendingWork {
    counts.checks += 1
    let message = RevereInterface.command(command.command)?.message(
      Dictionary(command.arguments.map { ($0.name.uppercased(), $0.value) }) { $1 })
    return try work(.command(command, message ?? []), command.node, command.function)
  }

  mutating func start(_ exception: Step.ManagementException) throws(StepFailure) -> PendingWork {
    counts.checks += 1
    return try work(.exception(exception), exception.node, exception.function)
  }

  mutating func start(_ trace: Step.ManagementTrace) throws(StepFailure) -> PendingWork {
    counts.checks += 1
    return try work(.trace(trace), trace.node, trace.function)
  }

  mutating func start(_ state: Step.ManagementErrorState) throws(StepFailure) -> PendingWork {
    counts.checks += 1
    return try work(.errorState(state), state.node, state.function)
  }

  mutating func start(_ send: Step.MessageSend, _ index: StepIndex) throws(StepFailure) -> PendingWork {
    var bytes: [UInt8] = []
    if let source = send.data { bytes = try data.bytes(source, step: index) }
    data.save(bytes, as: send.save)
    return try work(.send(send, bytes), send.node, send.function)
  }

  mutating func start(_ receive: Step.MessageReceive, _ index: StepIndex) throws(StepFailure) -> PendingWork {
    if receive.data != nil || BufferCheck(receive) != nil { counts.checks += 1 }
    var due: [UInt8]?
    if let source = receive.data { due = try data.bytes(source, step: index) }
    return try work(.receive(receive, due), receive.node, receive.function)
  }

  private mutating func work(
    _ goal: AMUWork.Goal, _ node: String, _ function: Int
  ) throws(StepFailure) -> PendingWork {
    guard let software = topology.software(of: node) else {
      throw .expectation("enumeration found no function for \(node)")
    }
    software.followResets()
    if let driver = software.driver(function) {
      return .management(AMUWork(goal, software, driver, preparing: nil))
    }
    guard function <= software.unit.virtualFunctionCount else {
      throw .expectation("function \(function) of \(node) is not there: set NumVFs and VF Enable in sriov")
    }
    guard let driver = software.open(function) else {
      throw .expectation("host memory has no room for the management rings of \(node)")
    }
    guard let script = software.preparation(function) else {
      driver.start(control: Self.control, in: &topology.fabric)
      return .management(AMUWork(goal, software, driver, preparing: nil))
    }
    software.setClaim(.preparing, of: function)
    return .management(AMUWork(goal, software, driver, preparing: script))
  }

  /// AMU_EN, VF_TRACE_EN, TRACE_EN and ASN_PROF_EN; a virtual function has the last two.
  static var control: UInt64 { 1 << 18 | 1 << 17 | 3 }
}

extension CaseTopology {
  /// Gives the vectors of a function their addresses and data, then starts its driver.
  mutating func start(_ driver: AMUDriver, _ software: AMUSoftware, _ function: Int) {
    let unit = software.unit
    let owner = function == 0 ? unit.function : unit.virtualFunction(function)
    if let vectors = owner?.msixVectorCount,
      let table = software.address(ofBar: unit.msixBarIndex, of: function)
    {
      let first = rootComplex.core.interrupts.allocate(
        function: software.address(function), kind: .msix, vectors: vectors)
      for vector in 0..<vectors {
        var entry = [UInt8](repeating: 0, count: 16)
        entry.storeLE(InterruptTarget.address, at: 0)
        entry.storeLE(UInt32(first + vector), at: 8)
        _ = rootComplex.write(address: table + UInt64(vector) * 16, data: entry, in: &fabric)
      }
    }
    driver.start(control: StepEngine.control, in: &fabric)
  }
}
