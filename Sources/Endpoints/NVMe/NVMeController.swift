public import LinkBroker
public import PCIe

/// An NVM Express controller with namespaces: registers, queues in host memory, a vector for each queue.
///
/// It has the admin commands that every I/O controller must have, and of the NVM command set Flush, Write,
/// Read, Write Zeroes and Dataset Management.
/// - Source: NVM Express Base 1.4.
public final class NVMeController: BusMasteringEndpoint {
  public let function: Function
  var core: NVMeCore

  /// - Throws: what is wrong with the configuration.
  public init(_ configuration: NVMeConfiguration = NVMeConfiguration()) throws(EndpointError) {
    try configuration.check()
    function = try Function(configuration.function)
    core = NVMeCore(configuration, function: function)
  }

  /// Whether the controller has given up: CSTS.CFS.
  public var hasFailed: Bool { core.registers.status.contains(.fatal) }
}

extension NVMeController {
  /// Reads registers; doorbells read as zero.
  public func readBar(
    _ range: BarRange, into payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) -> BarResponse {
    core.read(range, into: payload, at: place, in: &fabric)
    return .done
  }

  /// Writes registers and rings doorbells.
  public func writeBar(
    _ range: BarRange, from payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) -> BarResponse {
    core.write(range, from: payload, at: place, in: &fabric)
    return .done
  }

  /// Goes on with what the read was for.
  public func transferEnded(_ operation: RequestOperation, in fabric: inout Fabric) {
    core.transferEnded(operation, in: &fabric)
  }

  /// Goes on with the data that waits for the link.
  public func modelTimerFired(_ token: UInt64, in fabric: inout Fabric) {
    core.timerFired(token, in: &fabric)
  }

  /// Registers and queues start anew; what namespaces hold stays.
  ///
  /// - Source: NVM Express Base 1.4, 7.3.2 "Controller Level Reset".
  public func functionReset(_ kind: ResetKind, in fabric: inout Fabric) {
    core.resetFunction()
  }
}
