public import LinkBroker
public import PCIe
public import Simulation

// The function as a requester; every method refuses without Bus Master Enable and outside D0.
extension Function {
  /// Starts to read memory by memory reads.
  public func beginRead(
    address: UInt64, count: Int, timeout: VirtualDuration? = nil, prefix: TLPPrefix? = nil,
    in fabric: inout Fabric
  ) -> RequestOperation? {
    guard let port else { return nil }
    requester.limits.mayRequest = mayRequest(at: fabric.now)
    requester.setTagCount(limits.tagCount)
    return requester.beginRead(
      address: address, count: count, timeout: timeout, prefix: prefix, over: port, in: &fabric)
  }

  /// Writes memory by posted memory writes.
  public func write(
    address: UInt64, data: [UInt8], from start: Int = 0, count: Int, marks: RequestMarks = RequestMarks(),
    in fabric: inout Fabric
  ) -> RequestStatus {
    guard let port else { return .notSent }
    requester.limits.mayRequest = mayRequest(at: fabric.now)
    return requester.write(
      address: address, data: data, from: start, count: count, marks: marks, over: port, in: &fabric)
  }

  /// The outcome of a read, nil while it goes on.
  public func status(of operation: RequestOperation) -> RequestStatus? { requester.status(of: operation) }
  /// Ends the asking of a read, which ends with the last completion that is due.
  func cancel(_ operation: RequestOperation) { requester.cancel(operation) }
  /// The bytes that a read has brought; what did not come is zero.
  public func data(of operation: RequestOperation) -> [UInt8] { requester.data(of: operation) }
  /// How many bytes a read brings.
  func byteCount(of operation: RequestOperation) -> Int { requester.byteCount(of: operation) }
  /// Copies bytes that a read has brought.
  func copyData(of operation: RequestOperation, count: Int, to target: inout [UInt8], at offset: Int) {
    requester.copyData(of: operation, count: count, to: &target, at: offset)
  }
  /// Ends the use of a read's handle.
  public func release(_ operation: RequestOperation) { requester.release(operation) }
}

extension Function {
  /// Waits for completions at least so long, where whoever sends them is slower than any hardware.
  public func setLeastCompletionTimeout(_ duration: VirtualDuration) {
    requester.limits.leastCompletionTimeout = duration
    refresh()
  }
}

extension Requester {
  /// Changes how many tags may be out, once none is.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.6.2: a function uses 32 tags until Extended Tag Field Enable is set.
  mutating func setTagCount(_ count: Int) {
    guard count != pending.count, outstandingCount == 0 else { return }
    // A late answer to what was asked before a reset is not taken for the answer to something new.
    tags = TagPool(count: count, first: tags.next)
    pending = ContiguousArray(repeating: PendingRequest(), count: count)
  }
}

extension ConfigurationSpace {
  /// The completion timeout that Device Control 2 asks for; the longest time of the range that it names.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.3.16 "Device Control 2 Register".
  var completionTimeout: VirtualDuration {
    switch completionTimeoutCode {
    case nil: VirtualDuration(picoseconds: .max)
    case 0x1: .microseconds(100)
    case 0x2: .milliseconds(10)
    case 0x5: .milliseconds(55)
    case 0x6: .milliseconds(210)
    case 0x9: .milliseconds(900)
    case 0xa: .milliseconds(3_500)
    case 0xd: .seconds(13)
    case 0xe: .seconds(64)
    default: .milliseconds(50)
    }
  }
}
