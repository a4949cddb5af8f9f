import PCIe

/// Frames captured between an unmodified Warp Pipe client and its memory mock.
///
/// - Source: Warp Pipe 74950a0 over loopback; "clean" is a frame without uninitialised bytes, CRC renewed.
enum WarpPipeVectors {
  static let configurationRead = bytes("03 00 01 04 00 00 01 00 00 00 0f 00 00 00 00 af 18 00 9a")
  static let ack1 = bytes("02 00 00 00 01 12 79")
  static let identity = bytes("03 00 01 4a 00 00 01 00 00 00 04 00 00 00 00 01 00 02 00 b6 c5 80 30")
  static let sizing = bytes("03 00 04 44 00 00 01 00 00 00 0f 00 00 00 10 ff ff ff ff ca f3 28 52")
  static let barRead = bytes("03 00 05 04 00 00 01 00 00 03 0f 00 00 00 10 f3 10 9a c1")
  static let barValue = bytes("03 00 04 4a 00 00 01 00 00 00 04 00 00 03 00 81 ff ff ff 3f a9 6b 9d")
  static let barWrite = bytes("03 f0 06 44 05 00 01 00 00 00 0f 00 00 00 10 00 00 10 00 fd 9d e9 46")
  static let barWriteClean = bytes("03 00 06 44 00 00 01 00 00 00 0f 00 00 00 10 00 00 10 00 bf 51 6d 12")
  static let read4 = bytes("03 00 0b 00 00 00 01 00 00 06 0f 00 10 00 00 9b 05 26 69")
  static let data4 = bytes("03 00 07 4a 00 00 01 00 00 00 04 00 00 06 00 10 11 12 13 91 3b d0 7a")
  static let read1 = bytes("03 00 0c 00 00 00 01 00 00 07 02 00 10 00 00 d7 14 99 27")
  static let data1 = bytes("03 00 08 4a 00 00 01 00 00 00 01 00 00 07 00 11 00 00 00 81 01 8b 64")
  static let read5 = bytes("03 00 0d 00 00 00 02 00 00 08 7c 00 10 00 00 ec 1d 36 74")
  static let data5 = bytes(
    "03 00 09 4a 00 00 02 00 00 00 05 00 00 08 00 12 13 14 15 16 00 00 00 39 b8 b5 87")
  static let write4 = bytes("03 f0 0e 40 05 00 01 00 00 00 0f 00 14 00 00 ef be ad de e9 1c 65 f6")
  static let write4Clean = bytes("03 00 0e 40 00 00 01 00 00 00 0f 00 14 00 00 ef be ad de ab d0 e1 a2")
  static let write5 = bytes(
    "03 f0 0f 40 05 00 02 00 00 00 3e 00 14 00 00 00 68 65 6c 6c 6f 65 f6 b3 65 84 be")
  static let write5Clean = bytes(
    "03 00 0f 40 00 00 02 00 00 00 3e 00 14 00 00 00 68 65 6c 6c 6f 00 00 48 9a 91 68")
  static let read64 = bytes("03 00 11 20 00 00 01 00 00 0a 0f 00 00 00 02 00 10 00 00 83 90 38 93")
  static let data64 = bytes("03 00 0b 4a 00 00 01 00 00 00 04 00 00 0a 00 10 11 12 13 bb 93 0a 98")
  static let write64Clean = bytes(
    "03 00 12 60 00 00 01 00 00 00 0f 00 00 00 02 00 14 00 08 ef be ad de 83 28 d2 3e")
  static let upperRead = bytes("03 00 13 04 00 00 01 00 00 0b 0c 00 00 00 00 2d 81 3c 63")
  static let failed = bytes("03 00 0c 0a 00 00 01 00 00 00 02 00 00 0b 00 b5 b6 79 2f")
  static let ack0 = bytes("02 00 00 00 00 b3 62")
  static let ackLast = bytes("02 00 00 0f ff 25 a8")
  static let nak7 = bytes("02 10 00 00 07 3f 47")
  static let doorbell = bytes("03 00 01 40 00 00 01 00 00 00 0f 20 00 00 00 00 00 00 00 f6 86 9a 35")

  /// Every frame that stands on the wire as our own writer would write it.
  static let clean: [[UInt8]] = [
    configurationRead, ack1, identity, sizing, barRead, barValue, barWriteClean, read4, data4, read1, data1,
    read5, data5, write4Clean, write5Clean, read64, data64, write64Clean, upperRead, failed, ack0, ackLast,
    nak7, doorbell,
  ]

  static func bytes(_ text: String) -> [UInt8] {
    text.split(separator: " ").map { UInt8($0, radix: 16) ?? 0 }
  }
}
