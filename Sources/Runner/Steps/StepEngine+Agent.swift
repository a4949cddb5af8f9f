import PCIe
import RunEvents
import SuiteLanguage

// Steps by a host that is a program: what they ask is done by the software on it.
extension StepEngine {
  /// The program that is to do what a step asks of a requester; nil for a model.
  func software(_ requester: String) -> OutsideNode? {
    topology.description.hasOutsideRoot && topology.program == nil
      && requester == topology.description.root?.name
      ? topology.outside?[requester] : nil
  }

  func read(_ read: Step.ConfigurationRead, by node: OutsideNode) throws(StepFailure) -> PendingWork {
    let request = AgentRequest.readRegister(
      node, try functionName(read.function), read.capability, read.offset, read.size)
    return .agent(request, read.expectation)
  }

  func write(
    _ write: Step.ConfigurationWrite, _ bytes: [UInt8], by node: OutsideNode
  ) throws(StepFailure) -> PendingWork {
    let request = AgentRequest.writeRegister(
      node, try functionName(write.function), write.capability, write.offset, bytes)
    return .agent(request, ReadExpectation(status: write.status))
  }

  func read(_ read: Step.MemoryRead, by node: OutsideNode) throws(StepFailure) -> PendingWork {
    .agent(AgentRequest.read(node, try place(read.target), Int(read.length)), read.expectation)
  }

  func write(
    _ target: MemoryTarget, _ bytes: [UInt8], by node: OutsideNode
  ) throws(StepFailure) -> PendingWork {
    .agent(AgentRequest.write(node, try place(target), bytes), ReadExpectation())
  }

  private func place(_ target: MemoryTarget) throws(StepFailure) -> AgentRequest.Place {
    switch target {
    case .address(let address): return .address(address)
    case .region(let function, .bar(let index), let offset):
      return .bar(function: try functionName(function), index: index, offset: offset)
    case .region(let function, let region, _):
      throw .expectation("the agent knows no \(region.name) of \(function.text); name its BAR")
    }
  }

  /// The function as the software on the host numbers it.
  ///
  /// Firmware numbers buses in the order of root ports, which is that of the links; each has one device.
  func functionName(_ target: FunctionTarget) throws(StepFailure) -> String {
    switch target {
    case .address(let address): return address.description
    case .node(let name):
      guard let root = topology.description.root, let link = topology.description.linkAbove(name),
        let index = topology.description.linksBelow(root.name).firstIndex(where: { $0.name == link.name })
      else { throw .expectation("\(name) is not below a root port; name its address") }
      return FunctionAddress(bus: UInt8(index + 1), device: 0, function: 0).description
    case .port: throw .expectation("the software numbers its root ports itself; name an address")
    }
  }
}
