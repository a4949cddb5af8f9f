public import LinkBroker
public import Simulation

/// What steps of a suite make an endpoint do on its own: read and write memory, raise a vector.
///
/// - Source: PCI Express Base 5.0, 7.5.1.1.3 "Command Register", Bus Master Enable.
public protocol BusMasteringEndpoint: Endpoint {
  /// Starts to read memory; nil when the endpoint is not connected.
  func beginDMARead(address: UInt64, count: Int, timeout: VirtualDuration?, in fabric: inout Fabric)
    -> RequestOperation?
  /// The outcome of a read, nil while it goes on.
  func statusOfDMARead(_ operation: RequestOperation) -> RequestStatus?
  /// Ends a read and gives its bytes; what did not come is zero.
  func endDMARead(_ operation: RequestOperation) -> [UInt8]
  /// Writes memory; it is done when the last write is queued.
  func writeDMA(address: UInt64, data: [UInt8], in fabric: inout Fabric) -> RequestStatus
  /// Raises an MSI-X vector.
  func raiseMSIX(vector: Int, in fabric: inout Fabric) -> InterruptOutcome
}

extension BusMasteringEndpoint {
  /// Starts to read memory by the function's requester.
  public func beginDMARead(
    address: UInt64, count: Int, timeout: VirtualDuration? = nil, in fabric: inout Fabric
  ) -> RequestOperation? {
    function.beginRead(address: address, count: count, timeout: timeout, in: &fabric)
  }

  /// The outcome of a read, nil while it goes on.
  public func statusOfDMARead(_ operation: RequestOperation) -> RequestStatus? {
    function.status(of: operation)
  }

  /// Ends a read and gives its bytes.
  public func endDMARead(_ operation: RequestOperation) -> [UInt8] {
    defer { function.release(operation) }
    return function.data(of: operation)
  }

  /// Writes memory by the function's requester.
  public func writeDMA(address: UInt64, data: [UInt8], in fabric: inout Fabric) -> RequestStatus {
    function.write(address: address, data: data, count: data.count, in: &fabric)
  }

  /// Raises an MSI-X vector of the function.
  public func raiseMSIX(vector: Int, in fabric: inout Fabric) -> InterruptOutcome {
    function.raiseMSIX(vector, in: &fabric)
  }
}
