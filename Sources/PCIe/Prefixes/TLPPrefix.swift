/// One prefix of a TLP.
///
/// - Layout: Fmt 100b in bits 31:29, Type in bits 28:24, content in bits 23:0.
/// - Source: PCI Express Base 5.0, 2.2.10 "TLP Prefix Rules".
@frozen
public struct TLPPrefix: RawRepresentable, Hashable, Sendable {
  /// What a prefix is for.
  public enum Kind: UInt8, CaseIterable, Hashable, Sendable {
    case multiRoot = 0b00000
    case vendorLocal0 = 0b01110
    case vendorLocal1 = 0b01111
    case extendedProcessingHint = 0b10000
    case processAddressSpace = 0b10001
    case vendorEndToEnd0 = 0b11110
    case vendorEndToEnd1 = 0b11111
  }

  public var rawValue: UInt32

  @inlinable
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// A prefix of a kind with its 24 content bits.
  public init(_ kind: Kind, content: UInt32) {
    rawValue = 0b100 << 29 | UInt32(kind.rawValue) << 24 | content & 0xff_ffff
  }

  /// Whether a first header byte is that of a prefix.
  @inlinable
  public static func isPrefix(firstByte byte: UInt8) -> Bool { byte & 0b1110_0000 == 0b1000_0000 }

  /// The kind, or nil for a reserved type.
  public var kind: Kind? { Kind(rawValue: UInt8(rawValue >> 24 & 31)) }

  /// An end-to-end prefix goes to the receiver of the request, a local one ends with the link.
  @inlinable
  public var isEndToEnd: Bool { rawValue & 1 << 28 != 0 }

  /// The 24 bits behind the type.
  @inlinable
  public var content: UInt32 { rawValue & 0xff_ffff }
}

// The PASID prefix.
extension TLPPrefix {
  /// A prefix that names the address space of a process.
  ///
  /// - Layout: PASID in bits 19:0, execute requested in bit 20, privileged mode requested in bit 21.
  /// - Source: PCI Express Base 5.0, 6.20.2 "PASID TLP Layout".
  public static func processAddressSpace(
    _ identifier: UInt32, privileged: Bool = false, execute: Bool = false
  ) -> TLPPrefix {
    TLPPrefix(
      .processAddressSpace,
      content: identifier & 0xf_ffff | (execute ? 1 << 20 : 0) | (privileged ? 1 << 21 : 0))
  }

  /// The 20-bit PASID; meaningful in a PASID prefix only.
  public var processAddressSpaceID: UInt32 { rawValue & 0xf_ffff }
  /// Execute requested; meaningful in a PASID prefix only.
  public var isExecuteRequested: Bool { rawValue & 1 << 20 != 0 }
  /// Privileged mode requested; meaningful in a PASID prefix only.
  public var isPrivilegedRequested: Bool { rawValue & 1 << 21 != 0 }
}
