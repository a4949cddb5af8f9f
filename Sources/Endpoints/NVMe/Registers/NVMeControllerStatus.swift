/// CSTS: what the controller is up to.
///
/// - Source: NVM Express Base 1.4, 3.1.6 "Offset 1Ch: CSTS – Controller Status".
struct NVMeControllerStatus: OptionSet, Hashable, Sendable {
  var rawValue: UInt32

  static let ready = NVMeControllerStatus(rawValue: 1 << 0)
  static let fatal = NVMeControllerStatus(rawValue: 1 << 1)
  /// SHST 01b.
  static let shutdownOccurring = NVMeControllerStatus(rawValue: 1 << 2)
  /// SHST 10b.
  static let shutdownComplete = NVMeControllerStatus(rawValue: 2 << 2)
}
