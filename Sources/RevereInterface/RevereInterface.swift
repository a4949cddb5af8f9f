/// The programming interface of the Revere-AMU as tables: commands, exceptions and registers, bit for bit.
///
/// Model, driver and suite language read the same tables, so that none of them can know a field the
/// others lack.
/// - Source: Arm Revere-AMU programming interface, architecture major revision 3.
public enum RevereInterface {
  /// Management messages are eight doublewords long.
  public static let messageBytes = 64
  /// Vendor and device ID of the physical function.
  public static let vendorID: UInt16 = 0x13b5
  public static let deviceID: UInt16 = 0xff81

  /// The vectors that TX_VECTOR and RX_VECTOR can name, 11 bits; MSI-X has no more.
  public static let vectorsMax = 2048

  /// The distance of the pages of BAR0, a choice of the model: management, then a page for each context.
  public static let pageBytes = 1 << 16

  /// The size of BAR0, a power of two, for so many software contexts.
  public static func registerBytes(contexts: Int) -> UInt64 {
    var bytes = UInt64(pageBytes) * 2
    while bytes < UInt64(pageBytes) * UInt64(contexts + 1) { bytes *= 2 }
    return bytes
  }

  /// The accelerators that the model has, by their words in suites.
  public static let accelerators = ["invert", "compress", "decompress", "dma", "hash"]

  /// The fields of trace records: the first message's number in its session, how many moved, and when, in
  /// picoseconds. A choice of the model.
  public static let traceFields: [InterfaceField] = [
    .traceSession, .init("FIRST", 8, 0, 64), .init("MESSAGES", 16, 0, 64), .init("TIME", 24, 0, 64),
  ]

  /// The words of socket types in suites, and AMU_IDR.AMI_TYPE of each.
  public static let socketTypes: [(word: String, code: UInt64)] = [("a1", 0), ("b", 2)]

  /// All commands, by opcode.
  public static let commands = (physicalCommands + functionCommands).sorted { $0.opcode < $1.opcode }

  /// The command of a name in the table's spelling.
  public static func command(_ name: String) -> InterfaceCommand? { commands.first { $0.name == name } }

  /// The command of an opcode.
  public static func command(opcode: UInt16) -> InterfaceCommand? { commands.first { $0.opcode == opcode } }

  /// The exception of a name in the table's spelling.
  public static func exception(_ name: String) -> InterfaceException? {
    exceptions.first { $0.name == name }
  }
}
