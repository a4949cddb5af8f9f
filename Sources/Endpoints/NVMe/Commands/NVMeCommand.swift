import PCIe

/// A command as it stands in a submission queue.
///
/// - Layout: opcode and flags at 0, identifier at 2, namespace at 4, PRP entries at 24 and 32, from 40 on
///   dwords 10 to 15.
/// - Source: NVM Express Base 1.4, 4.2 "Submission Queue Entry – Command Format".
struct NVMeCommand: Hashable, Sendable {
  var opcode: UInt8
  /// FUSE in bits 1:0, PSDT in bits 7:6.
  var flags: UInt8
  var identifier: UInt16
  var namespace: UInt32
  var firstPage: UInt64
  var secondPage: UInt64
  var dword10: UInt32
  var dword11: UInt32
  var dword12: UInt32
  var dword13: UInt32

  init(_ bytes: [UInt8], at offset: Int) {
    opcode = bytes[offset]
    flags = bytes[offset + 1]
    identifier = bytes.loadLE(at: offset + 2)
    namespace = bytes.loadLE(at: offset + 4)
    firstPage = bytes.loadLE(at: offset + 24)
    secondPage = bytes.loadLE(at: offset + 32)
    dword10 = bytes.loadLE(at: offset + 40)
    dword11 = bytes.loadLE(at: offset + 44)
    dword12 = bytes.loadLE(at: offset + 48)
    dword13 = bytes.loadLE(at: offset + 52)
  }

  /// The first block of a command that names blocks.
  var firstBlock: UInt64 { UInt64(dword11) << 32 | UInt64(dword10) }
  var blockCount: UInt64 { UInt64(dword12 & 0xffff) + 1 }
  /// FUA.
  var forcesUnitAccess: Bool { dword12 >> 30 & 1 == 1 }
}
