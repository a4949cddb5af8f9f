/// CC: how software wants the controller.
///
/// - Source: NVM Express Base 1.4, 3.1.5 "Offset 14h: CC – Controller Configuration".
struct NVMeControllerSettings: Hashable, Sendable {
  var rawValue: UInt32 = 0

  init() {}

  /// Reserved bits are left out.
  init(written value: UInt32) { rawValue = value & 0x00ff_fff1 }

  /// What stays as it is while the controller is enabled: CSS, MPS and AMS.
  private static let fixed: UInt32 = 0x3ff0

  /// These settings as far as they may follow others.
  func following(_ before: NVMeControllerSettings) -> NVMeControllerSettings {
    guard isEnabled, before.isEnabled else { return self }
    var settings = self
    settings.rawValue = rawValue & ~Self.fixed | before.rawValue & Self.fixed
    return settings
  }

  var isEnabled: Bool { rawValue & 1 == 1 }
  var commandSet: UInt32 { rawValue >> 4 & 7 }
  /// Log 2 of the page size less 12.
  var pageCode: Int { Int(rawValue >> 7 & 15) }
  var arbitration: UInt32 { rawValue >> 11 & 7 }
  /// Whether SHN asks for a normal or an abrupt shutdown.
  var isShuttingDown: Bool { 1...2 ~= rawValue >> 14 & 3 }
  var hasEntrySizes: Bool { rawValue >> 16 & 15 == 6 && rawValue >> 20 & 15 == 4 }
}
