/// The file of a capture, relative to the folder of the run.
///
/// Names hold nothing that a file system, a shell or a pattern for attachments gives a meaning to; the number
/// of the case makes them unique, whatever was replaced or cut.
enum CaptureName {
  /// What of an id is kept, so that a name stays below the 255 bytes of a file system.
  private static let lengthMax = 120

  /// `captures/0003-dma.write-read_length=4B.try2.seed17.pcapng`; the parts that say nothing are left out.
  static func path(case number: Int, id: String, attempt: Int = 1, seed: Int? = nil) -> String {
    var digits = "\(number)"
    while digits.utf8.count < 4 { digits = "0" + digits }
    var name = "captures/\(digits)-\(plain(id))"
    if attempt > 1 { name += ".try\(attempt)" }
    if let seed { name += ".seed\(seed)" }
    return name + ".pcapng"
  }

  /// The id with each run of other characters replaced by one low line.
  private static func plain(_ id: String) -> String {
    var bytes: [UInt8] = []
    for byte in id.utf8 where bytes.count < lengthMax {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "="),
        UInt8(ascii: ","):
        bytes.append(byte)
      default: if bytes.last != UInt8(ascii: "_") { bytes.append(UInt8(ascii: "_")) }
      }
    }
    while bytes.last == UInt8(ascii: "_") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
