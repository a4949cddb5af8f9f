import PCIe

/// Finds out over the link what the device is, before its host learns of it.
///
/// It reads configuration space and sizes each BAR and the ROM as software does.
/// - Source: PCI Express Base 5.0, 7.5.1.2.1 and 7.5.1.2.4.
struct VfioUserProbe {
  enum Step: Hashable {
    case read(offset: Int, bytes: Int)
    case write(offset: Int, UInt32)
  }

  private let steps: [Step]
  private var next = 0
  private var space: [UInt8] = []
  private var masks: [UInt32] = []
  /// What the host may map.
  var offers: [VfioUserOffer] = []

  init() {
    var steps = [Step.read(offset: 0, bytes: ConfigurationSpace.byteCount)]
    for window in 0..<7 {
      let isROM = window == VfioUserRegionIndex.rom
      let offset = isROM ? HeaderRegister.expansionROM : HeaderRegister.bar(window)
      // The ROM's enable bit stays off.
      steps += [
        .write(offset: offset, isROM ? ~0x7ff : .max), .read(offset: offset, bytes: 4),
        .write(offset: offset, 0),
      ]
    }
    self.steps = steps
  }

  /// Forgets what it has found.
  mutating func restart() { (next, space, masks) = (0, [], []) }

  /// What is to be done next, nil when all is known.
  var step: Step? { steps.indices.contains(next) ? steps[next] : nil }

  /// Takes the result of the step, without data for a write.
  mutating func take(_ data: [UInt8]) {
    switch step {
    case .read(let offset, let bytes)? where bytes > 4: if offset == 0 { space = data }
    case .read(let offset, _)?:
      let flags: UInt32 =
        offset == HeaderRegister.expansionROM ? 0x7ff : isUpperHalf(offset) ? 0 : data[0] & 1 == 1 ? 3 : 15
      masks.append(data.field(0, as: UInt32.self) & ~flags)
    default: break
    }
    next += 1
  }

  private func isUpperHalf(_ offset: Int) -> Bool {
    let slot = (offset - HeaderRegister.bar0) / 4
    guard slot > 0 else { return false }
    return space.field(offset - 4, as: UInt32.self) & 7 == 4 && !isUpperHalf(offset - 4)
  }

  /// The registers, once all steps are done.
  var registers: VfioUserRegisters {
    var registers = VfioUserRegisters(space, masks: masks)
    registers.reset()
    return registers
  }

  /// What the host is told, once all steps are done.
  ///
  /// - Throws: why a host cannot have the device.
  func device() throws(VfioUserProbeError) -> VfioUserDevice {
    let registers = registers
    guard space[HeaderRegister.headerType] & 0x7f == 0 else {
      throw .bridge(headerType: space[HeaderRegister.headerType] & 0x7f)
    }
    var device = VfioUserDevice()
    device.regions[VfioUserRegionIndex.configuration].bytes = UInt64(ConfigurationSpace.byteCount)
    for window in 0..<7 {
      let size = registers.size(of: window)
      device.regions[window].bytes = size
    }
    for offer in offers where device.regions[offer.bar].bytes == offer.bytes {
      device.regions[offer.bar].areas = [0..<offer.bytes]
      device.regions[offer.bar].memory = offer.memory
    }
    device.interrupts[VfioUserInterruptIndex.intx.rawValue] = space[HeaderRegister.interruptPin] == 0 ? 0 : 1
    if let msi = registers.places.msi {
      device.interrupts[VfioUserInterruptIndex.msi.rawValue] = 1 << min(Int(space[msi + 2] >> 1 & 7), 5)
    }
    if let msix = registers.places.msix {
      for register in [msix + 4, msix + 8] where space[register] & 7 > 5 {
        throw .interruptTable(bar: space[register] & 7)
      }
      let control = space.field(msix + 2, as: UInt16.self)
      device.interrupts[VfioUserInterruptIndex.msix.rawValue] = Int(control & 0x7ff) + 1
    }
    device.interrupts[VfioUserInterruptIndex.error.rawValue] = 1
    device.interrupts[VfioUserInterruptIndex.request.rawValue] = 1
    return device
  }
}

/// Why a host cannot have what is at the other end of the link.
enum VfioUserProbeError: Error, Hashable {
  case noAnswer(VfioUserProbe.Step, CompletionStatus?)
  case bridge(headerType: UInt8)
  case interruptTable(bar: UInt8)
}

extension VfioUserProbeError: CustomStringConvertible {
  var description: String {
    switch self {
    case .noAnswer(let step, let status):
      "the device has answered \(step) with \(status.map(\.mnemonic) ?? "no completion in time"); "
        + "a host of this wire needs its configuration space"
    case .bridge(let type):
      "the device has a header of type \(type); a host of this wire takes an endpoint, type 0"
    case .interruptTable(let bar):
      "the device's MSI-X table or pending bits stand in BAR \(bar); allowed are 0 to 5"
    }
  }
}
