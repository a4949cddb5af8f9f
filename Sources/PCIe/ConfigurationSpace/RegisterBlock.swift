/// The registers of one capability while it is being described, addressed from its own start.
public struct RegisterBlock: Sendable {
  private(set) var registers: [RegisterMasks]
  private(set) var rules: [FieldRule] = []
  private(set) var dependents: [DependentRegister] = []

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

  /// Takes the registers of another description, of which some control registers of 16 bits are reserved.
  mutating func take(_ other: RegisterBlock, reserved: [Int]) {
    for (index, masks) in other.registers.enumerated() {
      var masks = masks
      for offset in reserved where offset / 4 == index {
        let keep = ~(UInt32(0xffff) << (UInt32(offset & 2) * 8))
        masks.initial &= keep
        masks.writable &= keep
      }
      registers[index].merge(masks)
    }
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

  /// Lets the DW that holds an offset keep its value while bits of another one are set.
  mutating func lock(_ offset: Int, by bits: UInt32, at other: Int) {
    dependents.append(DependentRegister(register: offset / 4, other: other / 4, condition: .lockedBy(bits)))
  }

  /// Lets the low half of an address take multiples of the page size in another register only.
  mutating func alignToPages(_ offset: Int, pageSize other: Int) {
    dependents.append(DependentRegister(register: offset / 4, other: other / 4, condition: .aligned))
  }
}

/// A register whose writes depend on another one.
struct DependentRegister: Hashable, Sendable {
  enum Condition: Hashable, Sendable {
    /// It keeps its value while bits of the other are set.
    case lockedBy(UInt32)
    /// The other holds a size in units of 4 KiB, which the address in this one is a multiple of.
    case aligned
  }

  var register: Int
  var other: Int
  var condition: Condition

  /// The new value as it may be; of an address only the bits that are written become zero.
  func filter(_ new: UInt32, old: UInt32, other: UInt32, enabled: UInt32) -> UInt32 {
    switch condition {
    case .lockedBy(let bits): other & bits == 0 ? new : old
    case .aligned: new & ~((other &<< 12 &- 1) & ~0xf & enabled)
    }
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
