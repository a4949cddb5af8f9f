import PCIe
import Simulation

/// What the controller says of itself and of its namespaces.
struct NVMeIdentity: Sendable {
  private let vendorID: UInt16
  private let subsystemVendorID: UInt16
  /// Drawn once, so that they differ from those of other controllers.
  private let first: UInt64
  private let second: UInt64

  init(_ configuration: NVMeConfiguration) {
    vendorID = configuration.vendorID
    subsystemVendorID = configuration.subsystemVendorID
    var generator = SeededGenerator(seed: configuration.seed)
    first = generator.next()
    second = generator.next()
  }

  static let bytes = 4096
  static let firmware = "1"

  /// - Source: NVM Express Base 1.4, 5.15.2.2 "Identify Controller data structure".
  func controller(namespaces: Int) -> [UInt8] {
    var page = [UInt8](repeating: 0, count: Self.bytes)
    page.storeLE(vendorID, at: 0)
    page.storeLE(subsystemVendorID, at: 2)
    put(digits(first), in: &page, at: 4, count: 20)
    put("pcie-harness nvme", in: &page, at: 24, count: 40)
    put(Self.firmware, in: &page, at: 64, count: 8)
    // RAB, MDTS, CNTLID, VER, CNTRLTYPE.
    page[72] = 3
    page[77] = UInt8(NVMeTransfers.sizeLog2)
    page.storeLE(UInt16(1), at: 78)
    page.storeLE(NVMeRegisters.version, at: 80)
    page[111] = 1
    // ACL, AERL, FRMW with one read-only slot, LPA with offsets of log pages, ELPE.
    page[258] = 3
    page[259] = NVMeEvents.requestsMaxCode
    page[260] = 0b11
    page[261] = 1 << 2
    page[262] = UInt8(NVMeHealth.errorEntriesMax - 1)
    page.storeLE(NVMeFeatures.warningKelvin, at: 266)
    page.storeLE(NVMeFeatures.warningKelvin + 10, at: 268)
    // SQES, CQES, MAXCMD, NN.
    page[512] = 0x66
    page[513] = 0x44
    page.storeLE(UInt16(CommandSlots.count), at: 514)
    page.storeLE(UInt32(namespaces), at: 516)
    // ONCS with Dataset Management and Write Zeroes; VWC with flushes of all namespaces.
    page.storeLE(UInt16(0b1100), at: 520)
    page[525] = 0b111
    put("nqn.2014-08.org.nvmexpress:uuid:\(universalName)", in: &page, at: 768, count: 256, padding: 0)
    // Power state 0: 1 W.
    page.storeLE(UInt16(100), at: 2048)
    return page
  }

  /// - Source: NVM Express Base 1.4, 5.15.2.1 "Identify Namespace data structure".
  func namespace(_ number: UInt32, _ namespace: NVMeNamespace) -> [UInt8] {
    var page = [UInt8](repeating: 0, count: Self.bytes)
    for offset in [0, 8, 16] { page.storeLE(namespace.blockCount, at: offset) }
    // DLFEAT: deallocated blocks read as zero.
    page[33] = 1
    for (index, byte) in globalIdentifier(number).enumerated() { page[104 + index] = byte }
    page[130] = UInt8(namespace.blockBytes.trailingZeroBitCount)
    return page
  }

  /// - Source: NVM Express Base 1.4, 5.15.2.4 "Namespace Identification Descriptor list".
  func descriptors(_ number: UInt32) -> [UInt8] {
    var page = [UInt8](repeating: 0, count: Self.bytes)
    // NIDT 2h, NGUID of 16 bytes.
    page[0] = 2
    page[1] = 16
    for (index, byte) in globalIdentifier(number).enumerated() { page[4 + index] = byte }
    return page
  }

  /// NGUID: other controllers and other namespaces have others.
  private func globalIdentifier(_ number: UInt32) -> [UInt8] {
    var identifier = [UInt8](repeating: 0, count: 16)
    identifier.storeLE(second, at: 0)
    identifier.storeLE(UInt64(number), at: 8)
    return identifier
  }

  private var universalName: String {
    let (high, low) = (digits(first), digits(second))
    return [high.prefix(8), high.dropFirst(8).prefix(4), high.suffix(4), low.prefix(4), low.suffix(12)]
      .joined(separator: "-")
  }

  private func digits(_ value: UInt64) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  private func put(_ text: String, in page: inout [UInt8], at offset: Int, count: Int, padding: UInt8 = 0x20)
  {
    for index in 0..<count { page[offset + index] = padding }
    for (index, byte) in text.utf8.prefix(count).enumerated() { page[offset + index] = byte }
  }
}
