/// What requests from below may do at a translated address.
public enum TranslatedAccess: String, CaseIterable, Hashable, Sendable {
  case readWrite = "read-write"
  case readOnly = "read-only"
  case writeOnly = "write-only"
  case none

  /// Whether reads may.
  public var isReadable: Bool { self == .readWrite || self == .readOnly }
  /// Whether writes may.
  public var isWritable: Bool { self == .readWrite || self == .writeOnly }
}

extension Step {
  /// Changes what the root complex makes of addresses, as a driver of its translation agent does.
  public struct TranslationChange: Hashable, Sendable {
    /// The root complex.
    public var node: String
    /// A multiple of the length, which is 4 KiB times a power of two.
    public var address: UInt64
    public var length: UInt64
    /// Where the pages lie, a multiple of 4 KiB.
    public var target: UInt64
    public var access: TranslatedAccess
    /// The function that is told to forget, none for nil.
    public var invalidated: FunctionTarget?

    /// What addresses and lengths are multiples of, and how long a change may be at most.
    public static let pageBytes: UInt64 = 4096
    public static let lengthMax: UInt64 = 64 << 20
  }
}
