/// The registers of one capability while it is being described, addressed from its own start.
public struct RegisterBlock: Sendable {
  private(set) var registers: [RegisterMasks]
  private(set) var rules: [FieldRule] = []

  init(byteCount: Int) {
    registers = Array(repeating: RegisterMasks(), count: (byteCount + 3) / 4)
  }

  /// Describes a 32-bit register at a DW-aligned offset.
  public mutating func doubleWord(
    _ offset: Int, _ value: UInt32 = 0, writable: UInt32 = 0, clearable: UInt32 = 0, sticky: UInt32 = 0,
    keptByFunctionReset: UInt32 = 0
  ) {
    precondition(offset % 4 == 0, "a register of 32 bits is DW aligned")
    registers[offset / 4].merge(
      RegisterMasks(
        initial: value, writable: writable, clearable: clearable, sticky: sticky,
        keptByFunctionReset: keptByFunctionReset))
  }

  /// Describes a 16-bit register at an even offset.
  public mutating func word(
    _ offset: Int, _ value: UInt16 = 0, writable: UInt16 = 0, clearable: UInt16 = 0, sticky: UInt16 = 0,
    keptByFunctionReset: UInt16 = 0
  ) {
    precondition(offset % 2 == 0, "a register of 16 bits has an even offset")
    let shift = UInt32(offset & 2) * 8
    registers[offset / 4].merge(
      RegisterMasks(
        initial: UInt32(value) << shift, writable: UInt32(writable) << shift,
        clearable: UInt32(clearable) << shift, sticky: UInt32(sticky) << shift,
        keptByFunctionReset: UInt32(keptByFunctionReset) << shift))
  }

  /// Describes an 8-bit register.
  public mutating func byte(_ offset: Int, _ value: UInt8 = 0, writable: UInt8 = 0) {
    let shift = UInt32(offset & 3) * 8
    registers[offset / 4].merge(
      RegisterMasks(initial: UInt32(value) << shift, writable: UInt32(writable) << shift))
  }

  /// Lets a writable field take some of its values only; a write of another one leaves the field as it was.
  ///
  /// - Layout: bit v of `allowed` permits the value v.
  public mutating func allow(_ allowed: UInt64, inField mask: UInt32, at offset: Int) {
    precondition(
      offset % 4 == 0 && mask != 0 && mask.nonzeroBitCount <= 6, "a field of one to six bits of a DW")
    rules.append(FieldRule(register: offset / 4, mask: mask, allowed: allowed))
  }
}

/// A field that refuses some values.
struct FieldRule: Hashable, Sendable {
  var register: Int
  var mask: UInt32
  var allowed: UInt64

  /// The new register value with the field put back when the value is not allowed.
  func filter(_ new: UInt32, old: UInt32) -> UInt32 {
    let value = (new & mask) >> UInt32(mask.trailingZeroBitCount)
    return allowed >> UInt64(value) & 1 == 1 ? new : new & ~mask | old & mask
  }
}
