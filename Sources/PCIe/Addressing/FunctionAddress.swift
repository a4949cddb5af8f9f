/// The bus, device and function number of a function; also its requester and completer ID.
///
/// - Layout: bus in bits 15:8, device in bits 7:3, function in bits 2:0; with ARI bits 7:0 are the function.
/// - Source: PCI Express Base 5.0, 2.2.6.2 "Transaction Descriptor - Transaction ID field".
@frozen
public struct FunctionAddress: Hashable, Comparable, Sendable {
  public var rawValue: UInt16

  @inlinable
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Joins the three numbers; bits above their width are cut off.
  @inlinable
  public init(bus: UInt8, device: UInt8, function: UInt8) {
    rawValue = UInt16(bus) << 8 | UInt16(device & 31) << 3 | UInt16(function & 7)
  }

  /// The bus number.
  @inlinable public var bus: UInt8 { UInt8(rawValue >> 8) }
  /// The device number, 0 to 31.
  @inlinable public var device: UInt8 { UInt8(rawValue >> 3 & 31) }
  /// The function number, 0 to 7.
  @inlinable public var function: UInt8 { UInt8(rawValue & 7) }

  @inlinable
  public static func < (left: FunctionAddress, right: FunctionAddress) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension FunctionAddress: CustomStringConvertible {
  /// The usual text form, `bus:device.function` in hexadecimal, such as `00:02.0`.
  public var description: String {
    "\(hexadecimal(UInt64(bus), digits: 2)):\(hexadecimal(UInt64(device), digits: 2)).\(function)"
  }

  /// Reads `bus:device.function` as `description` writes it; anything else gives nil.
  public init?(_ text: some StringProtocol) {
    let halves = text.split(separator: ":", omittingEmptySubsequences: false)
    guard halves.count == 2, halves[0].count == 2 else { return nil }
    let parts = halves[1].split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].count == 2, parts[1].count == 1 else { return nil }
    guard let bus = UInt8(halves[0], radix: 16), let device = UInt8(parts[0], radix: 16), device < 32,
      let function = UInt8(parts[1], radix: 16), function < 8
    else { return nil }
    self.init(bus: bus, device: device, function: function)
  }
}
