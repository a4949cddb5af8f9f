public import LinkBroker
public import PCIe
public import Simulation

/// What makes the requests of a host's software and takes its interrupts.
///
/// It is the root complex as a model, or what plays the processor of a machine that is a program.
public protocol HostProcessor: AnyObject {
  /// Starts a configuration read.
  func beginConfigurationRead(
    of target: FunctionAddress, offset: Int, size: Int, timeout: VirtualDuration?, in fabric: inout Fabric
  ) -> RequestOperation

  /// Starts a configuration write.
  func beginConfigurationWrite(
    to target: FunctionAddress, offset: Int, data: [UInt8], timeout: VirtualDuration?,
    in fabric: inout Fabric
  ) -> RequestOperation

  /// Starts to read memory, the host's own or that of a function.
  func beginRead(
    address: UInt64, count: Int, timeout: VirtualDuration?, in fabric: inout Fabric
  ) -> RequestOperation

  /// Writes memory by posted writes, of which nobody learns more than whether somebody claims the address.
  func write(address: UInt64, data: [UInt8], in fabric: inout Fabric) -> RequestStatus

  /// The outcome of an operation, nil while it goes on.
  func status(of operation: RequestOperation) -> RequestStatus?

  /// The bytes that a read has brought.
  func data(of operation: RequestOperation) -> [UInt8]

  /// Ends the use of a handle.
  func release(_ operation: RequestOperation)

  /// Lets something happen on the way to the end of an operation; false when nothing more can.
  func proceed(in fabric: inout Fabric) -> Bool

  /// Where functions may stand and their registers be placed.
  var map: HostMap { get }

  /// The largest payload that the links below a function of bus 0 take.
  ///
  /// - Units: bytes.
  func linkPayloadBytes(below top: FunctionAddress, in fabric: borrowing Fabric) -> Int

  /// Keeps to a payload in requests to what is below a function of bus 0.
  func keepPayload(_ bytes: Int, below top: FunctionAddress)

  /// Gives a function what its vectors are to write; MSI has one address and consecutive data, of which the
  /// first is a multiple of the count rounded up to a power of two.
  func messages(
    for function: FunctionAddress, _ kind: InterruptTarget.Kind, vectors: Int
  ) -> [InterruptMessage]

  /// Learns where the mask bits of a function's MSI-X table are.
  func watchMasks(of function: FunctionAddress, table: UInt64, vectors: Int, control: Int)
}

/// What a function is to write for one of its vectors.
public struct InterruptMessage: Hashable, Sendable {
  public var address: UInt64
  public var data: UInt32

  public init(address: UInt64, data: UInt32) {
    self.address = address
    self.data = data
  }
}

/// The parts of a host's address spaces that system software gives to functions.
public struct HostMap: Hashable, Sendable {
  /// The devices of bus 0 at which to look for functions.
  public var devices: ClosedRange<UInt8>
  /// How much host memory there is from bus address 0; 0 where the host keeps it out of the way itself.
  ///
  /// - Units: bytes.
  public var memoryBytes = 0
  /// Addresses below 4 GiB.
  public var memory: Range<UInt64>
  public var prefetchable: Range<UInt64> = 1 << 38..<1 << 46
  public var io: Range<UInt64> = 0x1000..<0x1_0000
  /// The window of a bridge with nothing behind it, for what may come there later.
  ///
  /// - Units: bytes; 0 for none.
  public var spareBytes: UInt64 = 0

  /// A map with the usual places.
  public init(devices: ClosedRange<UInt8>, memory: Range<UInt64>) {
    self.devices = devices
    self.memory = memory
  }
}

// What software waits for.
extension HostProcessor {
  /// Lets things happen until an operation has ended, and gives its outcome.
  public func finish(_ operation: RequestOperation, in fabric: inout Fabric) -> AccessResult {
    while status(of: operation) == nil, proceed(in: &fabric) {}
    let result = AccessResult(status: status(of: operation) ?? .timeout, data: data(of: operation))
    if status(of: operation) != nil { release(operation) }
    return result
  }

  /// Reads a register of a function and waits for it.
  public func configurationRead(
    of target: FunctionAddress, offset: Int, size: Int = 4, in fabric: inout Fabric
  ) -> AccessResult {
    finish(
      beginConfigurationRead(of: target, offset: offset, size: size, timeout: nil, in: &fabric), in: &fabric)
  }

  /// Writes a register of a function and waits for it.
  @discardableResult
  public func configurationWrite(
    to target: FunctionAddress, offset: Int, size: Int = 4, value: UInt32, in fabric: inout Fabric
  ) -> RequestStatus {
    let data = (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return finish(
      beginConfigurationWrite(to: target, offset: offset, data: data, timeout: nil, in: &fabric), in: &fabric
    ).status
  }
}
