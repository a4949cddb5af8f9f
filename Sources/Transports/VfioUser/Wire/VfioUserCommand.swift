/// What a message asks for.
///
/// - Source: QEMU 11.1, `docs/interop/vfio-user.rst` "Commands".
public enum VfioUserCommand: UInt16, Hashable, Sendable, CaseIterable {
  case version = 1
  case mapMemory
  case unmapMemory
  case deviceInfo
  case regionInfo
  case regionDescriptors
  case interruptInfo
  case setInterrupts
  case regionRead
  case regionWrite
  /// From the device to the host, as the next.
  case memoryRead
  case memoryWrite
  case reset
  case regionWriteMany = 15
  case feature
  case migrationRead
  case migrationWrite
}

/// The regions of a device by their indices.
///
/// - Source: QEMU 11.1, `docs/interop/vfio-user.rst` "VFIO_USER_DEVICE_GET_REGION_INFO".
public enum VfioUserRegionIndex {
  /// Regions 0 to 5 are the BARs.
  public static let bars = 0..<6
  /// The expansion ROM.
  public static let rom = 6
  /// Configuration space.
  public static let configuration = 7
  /// How many there are, that of VGA included.
  public static let count = 9
}

/// The interrupt indices of a device.
public enum VfioUserInterruptIndex: Int, CaseIterable, Hashable, Sendable {
  case intx
  case msi
  case msix
  /// The device has failed for good.
  case error
  /// The device asks to be given back.
  case request
}
