public import LinkBroker
public import PCIe

/// The invalidate requests of a root complex that have not been answered.
///
/// - Layout: ITag is the place of a request, 0 to 31.
/// - Source: PCI Express Base 5.0, 10.3.1 "Invalidate Request" and 10.3.2 "Invalidate Completion".
public struct AwaitedInvalidations: Sendable {
  private var functions = [FunctionAddress?](repeating: nil, count: 32)

  /// Whether a request has not been answered.
  public func isAwaited(_ tag: UInt8) -> Bool { functions[Int(tag & 31)] != nil }

  /// A tag for a request to a function; nil while all are in use.
  mutating func take(for function: FunctionAddress) -> UInt8? {
    guard let tag = functions.firstIndex(of: nil) else { return nil }
    functions[tag] = function
    return UInt8(tag)
  }

  /// A function tells by a bit for each tag what it has done.
  mutating func complete(_ header: TLPHeader) {
    for tag in functions.indices
    where header.dw3 >> UInt32(tag) & 1 != 0 && functions[tag] == header.requesterID {
      functions[tag] = nil
    }
  }
}

extension RootComplex {
  /// Asks a function to forget translations; gives the tag of the request, nil where none can go out.
  ///
  /// - Source: PCI Express Base 5.0, 10.3.1 "Invalidate Request": routed by ID, eight bytes of data.
  public func invalidate(
    _ range: InvalidatedRange, of function: FunctionAddress, in fabric: inout Fabric
  ) -> UInt8? {
    guard let port = core.ports.index(ofBus: function.bus), let tag = core.invalidations.take(for: function)
    else { return nil }
    let payload = fabric.payloads.take(bytes: 8)
    for byte in 0..<8 {
      let value = UInt8(truncatingIfNeeded: range.rawValue >> UInt64(56 - 8 * byte))
      fabric.payloads.setByte(payload, at: byte, to: value)
    }
    let header = TLPHeader.message(
      .invalidateRequest, requester: core.requester.id, tag: UInt16(tag), lengthDW: 2,
      dw2: UInt32(function.rawValue) << 16)
    fabric.send(FabricTLP(header: header, payload: payload), from: core.ports.ports[port].port)
    return tag
  }
}
