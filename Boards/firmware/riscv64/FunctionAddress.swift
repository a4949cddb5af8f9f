/// Bus, device and function, and the configuration space behind them by ECAM.
///
/// - Source: PCI Express Base 5.0, 7.2.2 "PCI Express Enhanced Configuration Access Mechanism (ECAM)".
struct FunctionAddress {
  var bus: UInt8
  var device: UInt8
  var function: UInt8

  private static let base: UInt64 = 0x3000_0000

  private func place(_ offset: UInt64) -> UInt64 {
    Self.base + (UInt64(bus) << 20 | UInt64(device) << 15 | UInt64(function) << 12 | offset)
  }

  func read8(_ offset: UInt64) -> UInt8 { Machine.load8(place(offset)) }
  func read16(_ offset: UInt64) -> UInt16 { Machine.load16(place(offset)) }
  func read32(_ offset: UInt64) -> UInt32 { Machine.load32(place(offset)) }
  func write8(_ value: UInt8, at offset: UInt64) { Machine.store8(value, to: place(offset)) }
  func write16(_ value: UInt16, at offset: UInt64) { Machine.store16(value, to: place(offset)) }
  func write32(_ value: UInt32, at offset: UInt64) { Machine.store32(value, to: place(offset)) }

  /// Vendor in the lower half, device in the upper; all ones where nothing answers.
  var identity: UInt32 { read32(0) }
  var isPresent: Bool { identity != 0xffff_ffff }
  var isBridge: Bool { read8(0x0e) & 0x7f == 1 }

  /// The place of a capability; 0 where there is none.
  func capability(_ wanted: UInt8) -> UInt64 {
    guard read16(0x06) & 0x10 != 0 else { return 0 }
    var place = UInt64(read8(0x34) & 0xfc)
    for _ in 0..<48 where place >= 0x40 {
      if read8(place) == wanted { return place }
      place = UInt64(read8(place + 1) & 0xfc)
    }
    return 0
  }

  /// The address of a memory BAR, as it was set.
  func bar(_ index: UInt64) -> UInt64 {
    let low = read32(0x10 + 4 * index)
    let high = low & 6 == 4 ? read32(0x14 + 4 * index) : 0
    return UInt64(high) << 32 | UInt64(low & ~15)
  }

  func setCommand(busMaster: Bool) { write16(busMaster ? 0x0006 : 0x0002, at: 0x04) }
}
