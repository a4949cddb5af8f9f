/// The registers of an NVMe controller in BAR0.
///
/// - Units: byte offsets from the start of the BAR.
/// - Source: NVM Express Base 1.4, 3.1 "Register Definition".
public enum NVMeRegister {
  /// CAP, 64 bits.
  public static let capabilities = 0x00
  public static let version = 0x08
  public static let configuration = 0x14
  public static let status = 0x1c
  /// AQA: entries of the admin queues less one, of the completion queue in bits 27:16.
  public static let adminQueueSizes = 0x24
  /// ASQ, 64 bits.
  public static let adminSubmissionBase = 0x28
  /// ACQ, 64 bits.
  public static let adminCompletionBase = 0x30
  /// The tail of the admin submission queue; the others follow.
  public static let doorbells = 0x1000

  /// The doorbell of a queue.
  ///
  /// - Source: NVM Express Base 1.4, 3.1.24 and 3.1.25, with a stride of four bytes.
  public static func doorbell(ofQueue queue: Int, isCompletion: Bool) -> Int {
    doorbells + 4 * (2 * queue + (isCompletion ? 1 : 0))
  }
}
