/// The capability of a function that puts processing hints on its requests, without a table of steering tags.
///
/// - Layout: 12 bytes.
/// - Source: PCI Express Base 5.0, 7.9.13 "TPH Requester Extended Capability".
public struct ProcessingHintsCapability: ExtendedCapability, Hashable {
  public static let id = ExtendedCapabilityID.processingHints
  public static let name = "TPH requester"
  public static let version: UInt8 = 1
  /// The whole length.
  public var byteCount: Int { 12 }

  /// The function that hints, in the modes without steering tags and with device-specific ones.
  public init() {}

  /// Describes the registers.
  public func install(in block: inout RegisterBlock) {
    block.doubleWord(4, 1 << 0 | 1 << 2)
    block.doubleWord(8, writable: 0x107)
    block.allow(0b101, inField: 7, at: 8)
  }
}

extension ConfigurationSpace {
  /// Whether software lets the function put processing hints on its requests.
  public var areProcessingHintsEnabled: Bool {
    guard let place = places[.processingHints] else { return false }
    return doubleWord(place + 8) & 0x100 != 0
  }

  /// Whether hints may carry steering tags of the device's own.
  public var areSteeringTagsEnabled: Bool {
    guard let place = places[.processingHints] else { return false }
    return doubleWord(place + 8) & 0x107 == 0x102
  }
}
