/// The power states of a function that software can ask for.
///
/// - Source: PCI Express Base 5.0, 5.3.1 "Device Power Management States (D-States) of a Function".
public enum PowerState: UInt8, CaseIterable, Hashable, Sendable {
  case d0 = 0
  case d1 = 1
  case d2 = 2
  case d3hot = 3
}

/// The power management capability.
///
/// - Layout: 8 bytes.
/// - Source: PCI Express Base 5.0, 7.5.2 "PCI Power Management Capability Structure".
public struct PowerManagementCapability: Capability, Hashable {
  public static let id = CapabilityID.powerManagement
  public static let name = "power management"
  /// The whole length.
  public var byteCount: Int { 8 }

  public var supportsD1: Bool
  public var supportsD2: Bool
  /// No_Soft_Reset: the function keeps its state when it returns from D3hot to D0.
  public var keepsStateInD3hot: Bool
  /// The states from which the function can send PME: bit 0 D0, 1 D1, 2 D2, 3 D3hot, 4 D3cold.
  public var pmeSupport: UInt8

  public init(
    supportsD1: Bool = false, supportsD2: Bool = false, keepsStateInD3hot: Bool = true, pmeSupport: UInt8 = 0
  ) {
    self.supportsD1 = supportsD1
    self.supportsD2 = supportsD2
    self.keepsStateInD3hot = keepsStateInD3hot
    self.pmeSupport = pmeSupport
  }

  /// Offsets from the start of the capability.
  public enum Register {
    public static let capabilities = 0x02
    public static let controlStatus = 0x04
  }

  /// Checks the fields.
  public func validate(in header: HeaderLayout) throws(ConfigurationSpaceError) {
    try require(Int(pmeSupport), in: 0...31, Self.name, "PME support")
  }

  /// Describes the registers.
  public func install(in block: inout RegisterBlock) {
    let version: UInt16 = 3
    block.word(
      Register.capabilities,
      version | (supportsD1 ? 1 << 9 : 0) | (supportsD2 ? 1 << 10 : 0) | UInt16(pmeSupport) << 11)
    let hasPME = pmeSupport != 0
    let wakesFromD3cold = pmeSupport & 0x10 != 0
    block.word(
      Register.controlStatus, keepsStateInD3hot ? 1 << 3 : 0, writable: 0x3 | (hasPME ? 1 << 8 : 0),
      clearable: hasPME ? 1 << 15 : 0, sticky: wakesFromD3cold ? 1 << 15 | 1 << 8 : 0)
    // A write of a state that the function lacks completes and changes nothing.
    block.allow(
      0b1001 | (supportsD1 ? 0b10 : 0) | (supportsD2 ? 0b100 : 0), inField: 0x3, at: Register.controlStatus)
  }
}

extension ConfigurationSpace {
  /// The power state that software has set; D0 without the capability.
  @inlinable
  public var powerState: PowerState {
    guard let place = places.powerManagement else { return .d0 }
    return PowerState(rawValue: UInt8(word(place + 4) & 3)) ?? .d0
  }
}
