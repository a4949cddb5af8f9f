import PCIe

/// The virtual INTx wires of a switch or root complex: which ports hold which wire.
///
/// - Source: PCI Express Base 5.0, 2.2.8.1 "INTx Interrupt Signaling - Rules", table 2-21 for the swizzle.
public struct InterruptWires: Hashable, Sendable {
  private var held: [UInt8]

  /// Wires for a number of ports, none held.
  public init(ports: Int) { held = Array(repeating: 0, count: ports) }

  /// The wires that any port holds, one bit each from INTA.
  public var asserted: UInt8 { held.reduce(0, |) }

  /// Asserts or releases a wire on behalf of a port; gives the wires whose common state has changed.
  public mutating func set(_ wire: Int, _ isAsserted: Bool, port: Int) -> UInt8 {
    let before = asserted
    if isAsserted { held[port] |= 1 << UInt8(wire & 3) } else { held[port] &= ~(1 << UInt8(wire & 3)) }
    return before ^ asserted
  }

  /// Whether a port holds a wire.
  public func isHeld(_ wire: Int, port: Int) -> Bool { held[port] & 1 << UInt8(wire & 3) != 0 }

  /// Releases all wires of a port whose link has gone; gives the wires whose common state has changed.
  public mutating func release(port: Int) -> UInt8 {
    let before = asserted
    held[port] = 0
    return before ^ asserted
  }

  /// The wire above a port for a wire below it.
  public static func swizzle(_ wire: Int, device: UInt8) -> Int { (wire + Int(device)) & 3 }
}
