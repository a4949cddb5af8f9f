import PCIe

/// What the host has set in the device's configuration space, as far as its side of the link has to know.
///
/// The device's own registers are read over the link; these follow the writes that it has completed.
struct VfioUserRegisters {
  /// Where the windows of BAR 0 to 5 and of the ROM stand in the address space.
  private(set) var bytes = [UInt8](repeating: 0, count: ConfigurationSpace.byteCount)
  private(set) var places = VfioUserPlaces()
  /// The address bits of each BAR's register, and of the ROM's.
  private var masks = [UInt32](repeating: 0, count: 7)
  /// What no write changes, whatever the host tries.
  private var constants: [Range<Int>] = []

  init() {}

  /// Registers as a probe found them.
  init(_ bytes: [UInt8], masks: [UInt32]) {
    self.bytes = bytes
    self.masks = masks
    places = VfioUserPlaces(bytes)
    constants = places.constants
  }

  var command: CommandBits { CommandBits(rawValue: bytes.field(HeaderRegister.command)) }

  func word(_ register: Int) -> UInt32 { bytes.field(register) }

  /// Where the ROM is put to be read: where the host has it, else at the end of 32-bit addresses, below the
  /// BARs there.
  var placeOfROM: UInt64 {
    let rom = VfioUserRegionIndex.rom
    let (own, bytes) = (address(of: rom), size(of: rom))
    guard own == 0, bytes > 0 else { return own }
    var place = 1 << 32 - bytes
    for bar in (0..<6).sorted(by: { address(of: $0) > address(of: $1) }) where size(of: bar) > 0 && !isIO(bar)
    {
      let start = address(of: bar)
      if start < place + bytes, place < start + size(of: bar), start >= bytes {
        place = (start - bytes) & ~(bytes - 1)
      }
    }
    return place
  }

  private static func register(of window: Int) -> Int {
    window == VfioUserRegionIndex.rom ? HeaderRegister.expansionROM : HeaderRegister.bar(window)
  }

  private func isWide(_ window: Int) -> Bool {
    window < 5 && bytes.field(HeaderRegister.bar(window), as: UInt32.self) & 7 == 4
  }

  /// Whether a BAR decodes I/O addresses.
  func isIO(_ window: Int) -> Bool {
    window < 6 && bytes.field(HeaderRegister.bar(window), as: UInt32.self) & 1 == 1
  }

  /// The address of a BAR or of the ROM.
  func address(of window: Int) -> UInt64 {
    let low = bytes.field(Self.register(of: window), as: UInt32.self) & masks[window]
    guard isWide(window) else { return UInt64(low) }
    return UInt64(bytes.field(HeaderRegister.bar(window + 1), as: UInt32.self)) << 32 | UInt64(low)
  }

  /// The size of a BAR or of the ROM; 0 for none, and for the upper half of another.
  func size(of window: Int) -> UInt64 {
    if window > 0, window < 6, isWide(window - 1), masks[window - 1] != 0 || masks[window] != 0 { return 0 }
    let low = masks[window]
    let high: UInt32 = isWide(window) ? masks[window + 1] : .max
    let mask = UInt64(high) << 32 | UInt64(low)
    guard low != 0 || isWide(window) && high != 0 else { return 0 }
    let size = mask & (~mask &+ 1)
    // Of I/O addresses a device need not decode more than 16 bits.
    return isIO(window) ? min(size, 1 << 16) : size
  }

  /// Takes over what the device has let the host write, and tells whether that resets the function.
  mutating func write(_ offset: Int, _ data: ArraySlice<UInt8>) -> Bool {
    let before = bytes
    bytes.replaceSubrange(offset..<offset + data.count, with: data)
    keepReadOnlyBits(before)
    for window in 0..<7 {
      let register = Self.register(of: window)
      guard offset < register + 4, register < offset + data.count else { continue }
      let (old, new) = (before.field(register, as: UInt32.self), bytes.field(register, as: UInt32.self))
      bytes.storeLE(new & masks[window] | old & ~masks[window], at: register)
    }
    return startsReset(offset..<offset + data.count, before)
  }

  /// Brings back what the device does not let the host change.
  private mutating func keepReadOnlyBits(_ before: [UInt8]) {
    for range in constants { bytes.replaceSubrange(range, with: before[range]) }
    if let msi = places.msi { keep(~0x0071, at: msi + 2, before) }
    if let msix = places.msix { keep(0x3fff, at: msix + 2, before) }
  }

  private mutating func keep(_ mask: UInt16, at register: Int, _ before: [UInt8]) {
    let (old, new) = (before.field(register, as: UInt16.self), bytes.field(register, as: UInt16.self))
    bytes.storeLE(new & ~mask | old & mask, at: register)
  }

  /// Whether a write starts a function-level reset, or wakes a function that forgets itself when it sleeps.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.3.4 "Device Control Register" bit 15 and 7.5.3.3 bit 28; 7.5.2.2 and
  ///   5.3.1.4 for D3hot.
  private mutating func startsReset(_ written: Range<Int>, _ before: [UInt8]) -> Bool {
    if let express = places.express, written.contains(express + 9), bytes[express + 9] & 0x80 != 0 {
      // It reads as zero.
      bytes[express + 9] &= 0x7f
      return bytes.field(express + 4, as: UInt32.self) & 1 << 28 != 0
    }
    guard let power = places.power, written.contains(power + 4) else { return false }
    let keepsState = before[power + 4] & 1 << 3 != 0
    bytes[power + 4] = bytes[power + 4] & ~8 | before[power + 4] & 8
    return !keepsState && before[power + 4] & 3 == 3 && bytes[power + 4] & 3 == 0
  }

  /// Forgets what a reset of the function alone undoes, and gives the registers that its host believes to be
  /// as they were: those of BARs and ROM.
  mutating func resetFunction() -> [(register: Int, word: UInt32)] {
    let before = bytes
    let payload = places.express.map { bytes[$0 + 8] }
    reset()
    // The payload size stays: 7.5.3.4.
    if let payload, let express = places.express { bytes[express + 8] = payload }
    return (0..<7).compactMap { window in
      guard masks[window] != 0 else { return nil }
      let register = Self.register(of: window)
      return (register, before.field(register, as: UInt32.self))
    }
  }

  /// The payload that the device takes at most.
  ///
  /// - Units: bytes.
  /// - Source: PCI Express Base 5.0, 7.5.3.4 "Device Control Register".
  var maxPayloadBytes: Int {
    guard let express = places.express else { return 128 }
    return 128 << min(Int(bytes[express + 8] >> 5), 5)
  }

  /// The device has gone through a reset of its link.
  mutating func reset() {
    if let express = places.express { bytes[express + 8] &= 0x1f }
    if let power = places.power { bytes[power + 4] &= ~3 }
    for offset in HeaderRegister.command..<HeaderRegister.command + 2 { bytes[offset] = 0 }
    for window in 0..<7 {
      let register = Self.register(of: window)
      bytes.storeLE(bytes.field(register, as: UInt32.self) & ~masks[window], at: register)
    }
    if let msi = places.msi {
      bytes.storeLE(bytes.field(msi + 2, as: UInt16.self) & ~0x71, at: msi + 2)
      for offset in msi + 4..<msi + 8 { bytes[offset] = 0 }
    }
    if let msix = places.msix { bytes.storeLE(bytes.field(msix + 2, as: UInt16.self) & 0x3fff, at: msix + 2) }
  }

  // MARK: Interrupts

  /// Where the table of MSI-X begins, nil where the function has none.
  var interruptTable: UInt64? {
    guard let place = places.msix else { return nil }
    let word = bytes.field(place + 4, as: UInt32.self)
    return address(of: Int(word & 7)) &+ UInt64(word & ~7)
  }

  /// The vector that a write of the device means by MSI, nil when it is none.
  ///
  /// - Source: PCI Express Base 5.0, 7.7.1.2 to 7.7.1.5 and 6.1.4.
  func msiVector(address: UInt64, data: UInt32) -> Int? {
    guard let place = places.msi else { return nil }
    let control = bytes.field(place + 2, as: UInt16.self)
    guard control & 1 != 0 else { return nil }
    let isWide = places.isMSIWide
    let upper = isWide ? bytes.field(place + 8, as: UInt32.self) : 0
    guard address == UInt64(upper) << 32 | UInt64(bytes.field(place + 4, as: UInt32.self) & ~3) else {
      return nil
    }
    // No more vectors than the function has, though the host may write so.
    let bits = UInt32(1) << UInt32(min(control >> 4 & 7, control >> 1 & 7, 5)) - 1
    let base = UInt32(bytes.field(place + (isWide ? 12 : 8), as: UInt16.self))
    return data & 0xffff & ~bits == base & ~bits ? Int(data & bits) : nil
  }
}

/// Where the capabilities stand that matter to the host's side.
struct VfioUserPlaces: Hashable {
  var msi: Int?
  /// Whether MSI has an address of 64 bits.
  var isMSIWide = false
  var msix: Int?
  var express: Int?
  var power: Int?

  init() {}

  /// The bytes whose registers are read-only and which decide how others are understood.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.1.1, 7.5.2.1, 7.5.3.2 to 7.5.3.3, 7.7.2.3 to 7.7.2.4.
  var constants: [Range<Int>] {
    let pointer = HeaderRegister.capabilitiesPointer
    var ranges = [
      0..<4, 8..<12, HeaderRegister.headerType..<HeaderRegister.headerType + 1, pointer..<pointer + 1,
    ]
    for place in [msi, msix, express, power].compactMap({ $0 }) { ranges.append(place..<place + 2) }
    if let msix { ranges.append(msix + 4..<msix + 12) }
    if let express { ranges.append(express + 2..<express + 8) }
    if let power { ranges.append(power + 2..<power + 4) }
    return ranges
  }

  /// Walks the list of capabilities.
  init(_ bytes: [UInt8]) {
    guard bytes.field(HeaderRegister.status, as: UInt16.self) & 1 << 4 != 0 else { return }
    var place = Int(bytes[HeaderRegister.capabilitiesPointer] & ~3)
    var steps = 0
    while place >= HeaderRegister.endOfHeader, steps < 48 {
      switch bytes[place] {
      case 0x01: power = power ?? place
      case 0x05: msi = msi ?? place
      case 0x10: express = express ?? place
      case 0x11: msix = msix ?? place
      default: break
      }
      place = Int(bytes[place + 1] & ~3)
      steps += 1
    }
    // What would reach past the space is none.
    if let place = msi {
      isMSIWide = bytes[place + 2] & 1 << 7 != 0
      if place + (isMSIWide ? 14 : 10) > 256 { msi = nil }
    }
    if let place = msix, place + 12 > 256 { msix = nil }
    if let place = power, place + 8 > 256 { power = nil }
    if let place = express, place + 12 > 256 { express = nil }
  }
}
