public import LinkBroker
import PCIe

// Slots into which cards are plugged while the system runs.
extension Enumerator {
  /// Switches the power of a port's slot, with its indicator, where it has a controller for that.
  ///
  /// - Source: PCI Express Base 5.0, 6.7.1.5, 7.5.3.9 and 7.5.3.10: Power Controller Present is bit 1 of Slot
  ///   Capabilities; in Slot Control bit 10 is set for off, and bits 9:8 are 01b for an indicator that is on,
  ///   11b for off.
  public static func setPower(
    _ isOn: Bool, of port: DiscoveredFunction, _ host: any HostProcessor, in fabric: inout Fabric
  ) throws(EnumerationError) {
    let enumerator = Enumerator(host: host)
    guard let place = port.capabilities[CapabilityID.express.rawValue] else { return }
    typealias Register = ExpressCapability.Register
    let capabilities = try enumerator.read(port.address, place + Register.slotCapabilities, 4, in: &fabric)
    guard capabilities & 1 << 1 != 0 else { return }
    let control = try enumerator.read(port.address, place + Register.slotControl, 2, in: &fabric)
    let power: UInt32 = isOn ? 1 << 8 : 1 << 10 | 3 << 8
    try enumerator.write(
      port.address, place + Register.slotControl, 2, control & ~(1 << 10 | 3 << 8) | power, in: &fabric)
  }
}
