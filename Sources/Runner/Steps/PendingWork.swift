import Endpoints
import PCIe
import Simulation
import SuiteLanguage

/// What a step waits for.
enum PendingWork {
  /// A request of the root complex.
  case hostRequest(RequestOperation, ReadExpectation)
  /// A DMA read of an endpoint.
  case dmaRead(RequestOperation, any BusMasteringEndpoint, ReadExpectation)
  /// Requests that the agent in a guest answers.
  case agent(AgentRequest, ReadExpectation)
  /// A posted write that goes out as fast as the links take it.
  case posting(PostedWrite)
  /// Accesses of system software, one after the other.
  case script(SoftwareScript)
  /// A step of a Revere-AMU's driver.
  case management(AMUWork)
  /// A configuration request that has met RRS is sent again.
  case askingAgain(at: VirtualTime)
  case condition(WaitCondition)
  /// A function that is to forget translations, by the tag of its invalidate request.
  case invalidating(UInt8, FunctionTarget)
  /// A process that is not up yet.
  case starting(OutsideNode)
  /// A model that comes to a machine, or goes.
  case plugging(Plugging)
  /// A process of which something is left.
  case stopping(OutsideNode)
  /// The branches of a `parallel`.
  case branches
}
