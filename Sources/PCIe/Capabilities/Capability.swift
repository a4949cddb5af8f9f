/// A capability of the first 256 bytes, as a value that describes its registers.
///
/// - Source: PCI Express Base 5.0, 7.5.1.1.11 "Capabilities Pointer".
public protocol Capability: Sendable {
  static var id: CapabilityID { get }
  /// The name that messages use.
  static var name: String { get }
  /// The whole length, the identifier and the link included.
  var byteCount: Int { get }
  /// Describes the registers behind the identifier and the link; those two bytes belong to the builder.
  func install(in block: inout RegisterBlock)
  /// Checks the fields of the value, alone and against the header.
  func validate(in header: HeaderLayout) throws(ConfigurationSpaceError)
}

extension Capability {
  /// Checks the fields.
  public func validate(in header: HeaderLayout) throws(ConfigurationSpaceError) {}
}

/// An extended capability, as a value that describes its registers.
///
/// - Source: PCI Express Base 5.0, 7.6.3 "PCI Express Extended Capability Header".
public protocol ExtendedCapability: Sendable {
  static var id: ExtendedCapabilityID { get }
  static var name: String { get }
  /// The version in bits 19:16 of the capability header.
  static var version: UInt8 { get }
  /// The whole length, the capability header included.
  var byteCount: Int { get }
  /// Describes the registers behind the capability header; that DW belongs to the builder.
  func install(in block: inout RegisterBlock)
  /// Checks the fields of the value, alone and against the header.
  func validate(in header: HeaderLayout) throws(ConfigurationSpaceError)
}

extension ExtendedCapability {
  /// Checks the fields.
  public func validate(in header: HeaderLayout) throws(ConfigurationSpaceError) {}
}

/// Stops a field value outside its range.
func require(
  _ value: Int, in allowed: ClosedRange<Int>, _ name: String, _ field: String
) throws(ConfigurationSpaceError) {
  guard allowed.contains(value) else {
    throw .fieldOutOfRange(name: name, field: field, value: value, allowed: allowed)
  }
}
