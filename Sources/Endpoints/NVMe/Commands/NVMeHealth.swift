import PCIe

/// What the controller has counted since it was built, and the last errors.
struct NVMeHealth: Sendable {
  /// ELPE, less one: the entries of the error log.
  static let errorEntriesMax = 4
  static let errorEntryBytes = 64

  private(set) var blocksRead: UInt64 = 0
  private(set) var blocksWritten: UInt64 = 0
  private(set) var readCommands: UInt64 = 0
  private(set) var writeCommands: UInt64 = 0
  private(set) var mediaErrors: UInt64 = 0
  private(set) var errors: UInt64 = 0
  /// The newest first.
  private var entries: [[UInt8]] = []

  /// - Units: bytes.
  mutating func noteRead(_ count: Int) {
    readCommands += 1
    blocksRead += UInt64(count) / 512
  }

  /// - Units: bytes.
  mutating func noteWrite(_ count: Int) {
    writeCommands += 1
    blocksWritten += UInt64(count) / 512
  }

  /// Keeps an error of a command.
  ///
  /// - Layout: count at 0, queue at 8, identifier at 10, status at 12, block at 16, namespace at 24.
  /// - Source: NVM Express Base 1.4, 5.14.1.1 "Error Information (Log Identifier 01h)".
  mutating func log(_ status: NVMeStatus, of command: NVMeCommand, queue: Int) {
    if status.rawValue >> 8 & 7 == 2 { mediaErrors += 1 }
    var entry = newEntry()
    entry.storeLE(UInt16(queue), at: 8)
    entry.storeLE(command.identifier, at: 10)
    entry.storeLE(status.rawValue << 1, at: 12)
    entry.storeLE(queue == 0 ? 0 : command.firstBlock, at: 16)
    entry.storeLE(command.namespace, at: 24)
    keep(entry)
  }

  /// Keeps an error that belongs to no command.
  mutating func logDoorbell() {
    var entry = newEntry()
    entry.storeLE(UInt32.max, at: 8)
    keep(entry)
  }

  private mutating func newEntry() -> [UInt8] {
    errors += 1
    var entry = [UInt8](repeating: 0, count: Self.errorEntryBytes)
    entry.storeLE(errors, at: 0)
    entry.storeLE(UInt16.max, at: 14)
    return entry
  }

  private mutating func keep(_ entry: [UInt8]) {
    if entries.count == Self.errorEntriesMax { entries.removeLast() }
    entries.insert(entry, at: 0)
  }
}

// Log pages.
extension NVMeHealth {
  var errorPage: [UInt8] {
    var page = Array(entries.joined())
    page.append(
      contentsOf: repeatElement(0, count: Self.errorEntriesMax * Self.errorEntryBytes - page.count))
    return page
  }

  /// - Source: NVM Express Base 1.4, 5.14.1.2 "SMART / Health Information (Log Identifier 02h)".
  ///
  /// - Parameter isWarm: the temperature has reached a threshold, bit 1 of the critical warning.
  func page(isWarm: Bool) -> [UInt8] {
    var page = [UInt8](repeating: 0, count: 512)
    page[0] = isWarm ? 1 << 1 : 0
    page.storeLE(NVMeHealth.kelvin, at: 1)
    page[3] = 100
    page[4] = 10
    // Thousands of 512 bytes, rounded up.
    page.storeLE((blocksRead + 999) / 1000, at: 32)
    page.storeLE((blocksWritten + 999) / 1000, at: 48)
    page.storeLE(readCommands, at: 64)
    page.storeLE(writeCommands, at: 80)
    // Its power came once, and has never gone.
    page[112] = 1
    page.storeLE(mediaErrors, at: 160)
    page.storeLE(errors, at: 176)
    return page
  }

  /// The temperature of a model.
  static let kelvin: UInt16 = 300
}
