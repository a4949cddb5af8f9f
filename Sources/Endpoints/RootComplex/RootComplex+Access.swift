public import LinkBroker
public import PCIe
public import Simulation

/// How a request of the host's software ended, with the bytes that it brought.
public struct AccessResult: Hashable, Sendable {
  public var status: RequestStatus
  public var data: [UInt8]

  /// The bytes as a number, the first byte lowest; all ones for an access without success, as software sees
  /// it.
  public var value: UInt32 {
    guard status == .successful else { return .max }
    return data.prefix(4).enumerated().reduce(0) { $0 | UInt32($1.element) << UInt32(8 * $1.offset) }
  }
}

extension RootComplex {
  /// Starts a configuration read.
  public func beginConfigurationRead(
    of target: FunctionAddress, offset: Int, size: Int, timeout: VirtualDuration? = nil,
    in fabric: inout Fabric
  ) -> RequestOperation {
    core.beginConfigurationRead(of: target, offset: offset, size: size, timeout: timeout, in: &fabric)
  }

  /// Starts a configuration write.
  public func beginConfigurationWrite(
    to target: FunctionAddress, offset: Int, data: [UInt8], timeout: VirtualDuration? = nil,
    in fabric: inout Fabric
  ) -> RequestOperation {
    core.beginConfigurationWrite(to: target, offset: offset, data: data, timeout: timeout, in: &fabric)
  }

  /// Reads memory and waits for it.
  public func read(address: UInt64, count: Int, in fabric: inout Fabric) -> AccessResult {
    finish(beginRead(address: address, count: count, in: &fabric), in: &fabric)
  }
}
