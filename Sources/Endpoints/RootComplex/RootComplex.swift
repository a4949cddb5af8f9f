public import LinkBroker
public import PCIe
public import Simulation

/// A root complex: host memory, root ports, the host's own requests and the target of interrupts.
///
/// Ports are devices 1, 2, … of bus 0 in the order of their links; the host itself requests as 00:00.0.
/// - Source: PCI Express Base 5.0, 1.3.1 "Root Complex".
public final class RootComplex: FabricNode {
  /// All state; one property, so that a call checks for overlapping access once.
  public var core: RootComplexCore

  /// Makes a root complex.
  ///
  /// - Units: `memoryBytes` of host memory from bus address 0.
  public init(node: Int, memoryBytes: Int) {
    core = RootComplexCore(node: node, memoryBytes: memoryBytes)
  }

  /// Has more host memory, behind its own: one that devices outside map too.
  public func share(_ storage: any BarStorage) {
    core.shared = SharedHostMemory(base: UInt64(core.memory.byteCount), storage: storage)
  }

  public var takesEveryCompletion: Bool { true }
  /// The memory of the host.
  public var memory: (any NodeMemory)? { self }

  public func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) {
    core.attach(port, fabric.configuration(ofLink: port.link))
  }

  public func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    core.receive(tlp, at: port, in: &fabric)
  }

  public func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    core.respond(to: tlp, with: response, at: port, in: &fabric)
  }

  public func completerID(at port: Int) -> FunctionAddress { core.ports.ports[port].bridge.id }

  public func timerFired(_ token: UInt64, in fabric: inout Fabric) { core.timerFired(in: &fabric) }

  public func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {
    core.linkChanged(change, at: port, in: &fabric)
  }

  public func portDetected(
    _ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric
  ) {
    core.log(violation, header, port: port, isAdvisoryCase: false, in: &fabric)
  }

  /// Reads memory on behalf of the host's software.
  public func beginRead(
    address: UInt64, count: Int, timeout: VirtualDuration? = nil, in fabric: inout Fabric
  ) -> RequestOperation {
    core.beginRead(address: address, count: count, timeout: timeout, in: &fabric)
  }

  /// Writes memory on behalf of the host's software.
  public func write(address: UInt64, data: [UInt8], in fabric: inout Fabric) -> RequestStatus {
    core.write(address: address, data: data, in: &fabric)
  }

  /// The outcome of a transfer, nil while it goes on.
  public func status(of operation: RequestOperation) -> RequestStatus? {
    core.requester.status(of: operation)
  }

  /// The bytes that a read has brought.
  public func data(of operation: RequestOperation) -> [UInt8] { core.requester.data(of: operation) }

  /// Copies what a read has brought to the start of a buffer and ends the use of its handle.
  ///
  /// - Returns: how the read ended; it must have.
  public func take(_ operation: RequestOperation, into target: inout [UInt8]) -> RequestStatus {
    core.requester.take(operation, into: &target)
  }

  /// Ends the use of a handle.
  public func release(_ operation: RequestOperation) { core.requester.release(operation) }
}
