/// One DW of a configuration space: its value after reset and what may change it.
///
/// - Layout: each member has one bit per register bit; a bit in no mask is read-only for software.
/// - Source: PCI Express Base 5.0, 7.4 "Configuration Register Types".
@frozen
public struct RegisterMasks: Hashable, Sendable {
  /// The value after a power-on reset.
  public var initial: UInt32
  /// Software writes these bits (RW).
  public var writable: UInt32
  /// Software clears these bits by writing one (RW1C).
  public var clearable: UInt32
  /// These bits keep their value through every reset but power-on (the S of ROS, RWS and RW1CS).
  public var sticky: UInt32
  /// These bits keep their value through a function level reset besides the sticky ones.
  public var keptByFunctionReset: UInt32

  public init(
    initial: UInt32 = 0, writable: UInt32 = 0, clearable: UInt32 = 0, sticky: UInt32 = 0,
    keptByFunctionReset: UInt32 = 0
  ) {
    self.initial = initial
    self.writable = writable
    self.clearable = clearable
    self.sticky = sticky
    self.keptByFunctionReset = keptByFunctionReset
  }

  /// Adds the bits of another register to these.
  mutating func merge(_ other: RegisterMasks) {
    initial |= other.initial
    writable |= other.writable
    clearable |= other.clearable
    sticky |= other.sticky
    keptByFunctionReset |= other.keptByFunctionReset
  }
}
