/// Why bytes are not a DLLP.
///
/// - Source: PCI Express Base 5.0, 3.5 "Data Link Layer Packets (DLLPs)".
public enum DLLPError: Error, Hashable, Sendable {
  /// A DLLP has six bytes, CRC included.
  case wrongLength(seen: Int)
  case wrongCRC(expected: UInt16, seen: UInt16)
  /// A type that is reserved, or belongs to multi-root virtualization; receivers drop it silently.
  case undefinedType(UInt8)
}
