/// The device serial number capability.
///
/// - Layout: 12 bytes; an EUI-64 with its least significant half first.
/// - Source: PCI Express Base 5.0, 7.9.3 "Device Serial Number Extended Capability".
public struct DeviceSerialNumberCapability: ExtendedCapability, Hashable {
  public static let id = ExtendedCapabilityID.deviceSerialNumber
  public static let name = "device serial number"
  public static let version: UInt8 = 1
  /// The whole length.
  public var byteCount: Int { 12 }

  public var serialNumber: UInt64

  public init(serialNumber: UInt64) { self.serialNumber = serialNumber }

  /// Describes the registers.
  public func install(in block: inout RegisterBlock) {
    block.doubleWord(4, UInt32(truncatingIfNeeded: serialNumber))
    block.doubleWord(8, UInt32(truncatingIfNeeded: serialNumber >> 32))
  }
}
