/// The process address space ID capability.
///
/// - Layout: 8 bytes.
/// - Source: PCI Express Base 5.0, 7.8.8 "PASID Extended Capability Structure".
public struct ProcessAddressSpaceCapability: ExtendedCapability, Hashable {
  public static let id = ExtendedCapabilityID.processAddressSpace
  public static let name = "process address space ID"
  public static let version: UInt8 = 1
  /// The whole length.
  public var byteCount: Int { 8 }

  /// 0 to 20.
  public var widthBits: Int
  public var supportsExecute: Bool
  public var supportsPrivileged: Bool

  public init(widthBits: Int = 20, supportsExecute: Bool = false, supportsPrivileged: Bool = false) {
    self.widthBits = widthBits
    self.supportsExecute = supportsExecute
    self.supportsPrivileged = supportsPrivileged
  }

  /// Checks the fields.
  public func validate(in header: HeaderLayout) throws(ConfigurationSpaceError) {
    try require(widthBits, in: 0...20, Self.name, "width")
  }

  /// Describes the registers.
  public func install(in block: inout RegisterBlock) {
    let optional: UInt16 = (supportsExecute ? 1 << 1 : 0) | (supportsPrivileged ? 1 << 2 : 0)
    block.word(4, optional | UInt16(widthBits) << 8)
    block.word(6, writable: optional | 1)
  }
}

extension ConfigurationSpace {
  /// Whether software lets the function send a PASID prefix.
  public var isProcessAddressSpaceEnabled: Bool {
    guard let place = places[.processAddressSpace] else { return false }
    return word(place + 6) & 1 != 0
  }
}
