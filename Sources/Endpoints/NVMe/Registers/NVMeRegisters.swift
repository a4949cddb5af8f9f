/// What stands in the registers that software can change.
struct NVMeRegisters: Hashable, Sendable {
  var settings = NVMeControllerSettings()
  var status: NVMeControllerStatus = []
  var adminQueueSizes: UInt32 = 0
  var adminSubmissionBase: UInt64 = 0
  var adminCompletionBase: UInt64 = 0

  /// The largest queue has so many entries.
  static let queueEntriesMax = 256
  /// The largest page is 4 KiB shifted by so much.
  static let pageCodeMax = 4

  /// CAP: contiguous queues, ready within ten seconds, the NVM command set, pages of 4 KiB to 64 KiB.
  ///
  /// - Source: NVM Express Base 1.4, 3.1.1 "Offset 00h: CAP – Controller Capabilities".
  static let capabilities: UInt64 =
    UInt64(queueEntriesMax - 1) | 1 << 16 | 20 << 24 | 1 << 37 | UInt64(pageCodeMax) << 52
  /// 1.4.0.
  static let version: UInt32 = 0x0001_0400

  /// The 64 bits at an offset, which is a multiple of eight.
  func value(at offset: Int) -> UInt64 {
    switch offset {
    case 0x00: Self.capabilities
    case 0x08: UInt64(Self.version)
    case 0x10: UInt64(settings.rawValue) << 32
    case 0x18: UInt64(status.rawValue) << 32
    case 0x20: UInt64(adminQueueSizes) << 32
    case 0x28: adminSubmissionBase
    case 0x30: adminCompletionBase
    default: 0
    }
  }

  /// Software writes one of the words that nothing depends on before the controller is enabled.
  mutating func set(_ word: UInt32, at offset: Int) {
    let (low, high) = (UInt64(word & ~0xfff), UInt64(word) << 32)
    switch offset {
    case NVMeRegister.adminQueueSizes: adminQueueSizes = word & 0x0fff_0fff
    case NVMeRegister.adminSubmissionBase: adminSubmissionBase = adminSubmissionBase & ~0xffff_ffff | low
    case NVMeRegister.adminSubmissionBase + 4: adminSubmissionBase = adminSubmissionBase & 0xffff_ffff | high
    case NVMeRegister.adminCompletionBase: adminCompletionBase = adminCompletionBase & ~0xffff_ffff | low
    case NVMeRegister.adminCompletionBase + 4: adminCompletionBase = adminCompletionBase & 0xffff_ffff | high
    default: break
    }
  }

  var pageBytes: Int { 4096 << settings.pageCode }

  /// Whether the controller can work as software has set it up.
  ///
  /// - Source: NVM Express Base 1.4, 3.1.5 and 3.1.8: a queue has two entries at least and starts at a page.
  var isUsable: Bool {
    let page = UInt64(pageBytes - 1)
    return settings.commandSet == 0 && settings.arbitration == 0 && settings.pageCode <= Self.pageCodeMax
      && adminQueueSizes & 0xfff > 0 && adminQueueSizes >> 16 > 0
      && adminSubmissionBase & page == 0 && adminCompletionBase & page == 0
  }
}
