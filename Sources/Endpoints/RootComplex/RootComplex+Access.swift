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

  /// Lets the fabric run until a transfer has ended, and gives its outcome.
  public func finish(_ operation: RequestOperation, in fabric: inout Fabric) -> AccessResult {
    while status(of: operation) == nil, fabric.step() {}
    let result = AccessResult(status: status(of: operation) ?? .timeout, data: data(of: operation))
    if status(of: operation) != nil { release(operation) }
    return result
  }

  /// Reads a register of a function and waits for it.
  public func configurationRead(
    of target: FunctionAddress, offset: Int, size: Int = 4, in fabric: inout Fabric
  ) -> AccessResult {
    finish(beginConfigurationRead(of: target, offset: offset, size: size, in: &fabric), in: &fabric)
  }

  /// Writes a register of a function and waits for it.
  @discardableResult
  public func configurationWrite(
    to target: FunctionAddress, offset: Int, size: Int = 4, value: UInt32, in fabric: inout Fabric
  ) -> RequestStatus {
    let data = (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return finish(
      beginConfigurationWrite(to: target, offset: offset, data: data, in: &fabric), in: &fabric
    ).status
  }

  /// Reads memory and waits for it.
  public func read(address: UInt64, count: Int, in fabric: inout Fabric) -> AccessResult {
    finish(beginRead(address: address, count: count, in: &fabric), in: &fabric)
  }
}
