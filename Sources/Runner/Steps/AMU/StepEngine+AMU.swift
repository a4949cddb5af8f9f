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

  mutating func start(_ send: Step.MessageSend, _ index: StepIndex) throws(StepFailure) -> PendingWork {
    let bytes = try data.bytes(send.data, step: index)
    data.save(bytes, as: send.save)
    return try work(.send(send, bytes), send.node, send.function)
  }

  mutating func start(_ receive: Step.MessageReceive, _ index: StepIndex) throws(StepFailure) -> PendingWork {
    if receive.data != nil { counts.checks += 1 }
    var due: [UInt8]?
    if let source = receive.data { due = try data.bytes(source, step: index) }
    return try work(.receive(receive, due), receive.node, receive.function)
  }

  private mutating func work(
    _ goal: AMUWork.Goal, _ node: String, _ function: Int
  ) throws(StepFailure) -> PendingWork {
    guard let software = topology.software(of: node), let unit = topology.endpoints[node] as? RevereAMU else {
      throw .expectation("enumeration found no function for \(node)")
    }
    if let driver = software.driver(function) {
      return .management(AMUWork(goal, software, driver, preparing: nil))
    }
    guard function <= unit.virtualFunctionCount else {
      throw .expectation("function \(function) of \(node) is not there: set NumVFs and VF Enable in sriov")
    }
    guard let driver = software.open(function) else {
      throw .expectation("host memory has no room for the management rings of \(node)")
    }
    guard function > 0, let place = unit.virtualFunction(function)?.space.places.msix else {
      driver.start(control: Self.control, in: &topology.fabric)
      return .management(AMUWork(goal, software, driver, preparing: nil))
    }
    let id = software.address(function, in: unit)
    let command = CommandBits.busMasterEnable.rawValue
    let script = SoftwareScript(
      "function \(function) of \(node)",
      [
        .change(id, offset: HeaderRegister.command, set: command, clear: 0),
        .change(id, offset: place + 2, set: 0x8000, clear: 0),
      ])
    return .management(AMUWork(goal, software, driver, preparing: script))
  }

  /// AMU_EN, VF_TRACE_EN, TRACE_EN and ASN_PROF_EN.
  private static var control: UInt64 { 1 << 18 | 1 << 17 | 3 }
}

extension CaseTopology {
  /// Gives the vectors of a virtual function their addresses and data, then starts its driver.
  mutating func startVirtual(_ software: AMUSoftware, _ driver: AMUDriver, _ function: Int) {
    if function > 0, let unit = endpoints[software.node] as? RevereAMU,
      let table = software.address(ofBar: unit.msixBarIndex, of: function)
    {
      let vectors = unit.virtualFunction(function)?.msixVectorCount ?? 0
      let first = rootComplex.core.interrupts.allocate(
        function: software.address(function, in: unit), kind: .msix, vectors: vectors)
      for vector in 0..<vectors {
        var entry = [UInt8](repeating: 0, count: 16)
        entry.storeLE(InterruptTarget.address, at: 0)
        entry.storeLE(UInt32(first + vector), at: 8)
        _ = rootComplex.write(address: table + UInt64(vector) * 16, data: entry, in: &fabric)
      }
    }
    driver.start(control: 3 << 17, in: &fabric)
  }
}
