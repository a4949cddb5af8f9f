public import LinkBroker

/// Hands what arrives at a node to its transport at once, and notes that the transport has something to do.
public final class TransportSink: OutsideSink {
  private let transport: any Transport
  private let number: Int
  private let calls: TransportCalls

  /// The sink of the peer with a number in the list of calls.
  public init(_ transport: any Transport, number: Int, _ calls: TransportCalls) {
    self.transport = transport
    self.number = number
    self.calls = calls
  }

  public func take(_ tlp: FabricTLP, in fabric: borrowing Fabric) -> Bool {
    guard transport.take(tlp, in: fabric) else { return false }
    calls.add(number)
    return true
  }

  public func call() { calls.add(number) }
}
