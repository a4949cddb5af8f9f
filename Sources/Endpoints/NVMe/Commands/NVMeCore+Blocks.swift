import LinkBroker
import PCIe

// The NVM command set.
extension NVMeCore {
  mutating func beginInput(_ slot: Int, _ command: NVMeCommand, in fabric: inout Fabric) {
    guard let opcode = NVMeOpcode(rawValue: command.opcode) else {
      return complete(slot, .invalidOpcode, in: &fabric)
    }
    // VWC bits 2:1: a flush may be for all namespaces.
    if opcode == .flush, command.namespace == .max {
      let isDone = namespaces.allSatisfy { $0.storage.flush() }
      return complete(slot, isDone ? .successful : .writeFault, in: &fabric)
    }
    guard let namespace = namespace(command.namespace) else {
      return complete(slot, .invalidNamespace, in: &fabric)
    }
    switch opcode {
    case .flush: complete(slot, namespace.storage.flush() ? .successful : .writeFault, in: &fabric)
    case .read: beginRead(slot, command, namespace, in: &fabric)
    case .write: beginWrite(slot, command, namespace, in: &fabric)
    case .writeZeroes: complete(slot, writeZeroes(command, namespace), in: &fabric)
    case .datasetManagement:
      slots.entries[slot].open((Int(command.dword10 & 0xff) + 1) * 16)
      locate(slot, in: &fabric)
    }
  }

  /// What is wrong with the blocks of a command: past the end, or more than MDTS.
  private func check(
    _ command: NVMeCommand, _ namespace: NVMeNamespace, isBounded: Bool = true
  ) -> NVMeStatus {
    let bytes = Int(command.blockCount) * namespace.blockBytes
    if isBounded, bytes > NVMeTransfers.bytesMax { return .invalidField }
    return namespace.holds(command.firstBlock, command.blockCount) ? .successful : .blockOutOfRange
  }

  /// - Source: NVM Express Base 1.4, 6.9 "Read command".
  private mutating func beginRead(
    _ slot: Int, _ command: NVMeCommand, _ namespace: NVMeNamespace, in fabric: inout Fabric
  ) {
    let status = check(command, namespace)
    guard status == .successful else { return complete(slot, status, in: &fabric) }
    let bytes = Int(command.blockCount) * namespace.blockBytes
    slots.entries[slot].open(bytes)
    let isRead = namespace.storage.read(
      at: command.firstBlock * UInt64(namespace.blockBytes), count: bytes,
      into: &slots.entries[slot].buffer)
    guard isRead else { return complete(slot, .unrecoveredReadError, in: &fabric) }
    locate(slot, in: &fabric)
  }

  /// - Source: NVM Express Base 1.4, 6.15 "Write command".
  private mutating func beginWrite(
    _ slot: Int, _ command: NVMeCommand, _ namespace: NVMeNamespace, in fabric: inout Fabric
  ) {
    let status = check(command, namespace)
    guard status == .successful else { return complete(slot, status, in: &fabric) }
    slots.entries[slot].open(Int(command.blockCount) * namespace.blockBytes)
    locate(slot, in: &fabric)
  }

  /// - Source: NVM Express Base 1.4, 6.16 "Write Zeroes command".
  private func writeZeroes(_ command: NVMeCommand, _ namespace: NVMeNamespace) -> NVMeStatus {
    let status = check(command, namespace, isBounded: false)
    guard status == .successful else { return status }
    let size = UInt64(namespace.blockBytes)
    let isDone = namespace.storage.clear(
      at: command.firstBlock * size, count: command.blockCount * size)
    return isDone && keeps(command, namespace) ? .successful : .writeFault
  }

  /// Makes what was written safe where software wants it before the command ends.
  private func keeps(_ command: NVMeCommand, _ namespace: NVMeNamespace) -> Bool {
    features.cachesWrites && !command.forcesUnitAccess || namespace.storage.flush()
  }

  /// All data of a command has come: nothing was changed before.
  mutating func takeData(_ slot: Int, in fabric: inout Fabric) {
    let command = slots.entries[slot].command
    guard let namespace = namespace(command.namespace) else { return }
    if command.opcode == NVMeOpcode.datasetManagement.rawValue {
      return complete(slot, deallocate(slot, command, namespace), in: &fabric)
    }
    let count = slots.entries[slot].count
    let isDone = namespace.storage.write(
      slots.entries[slot].buffer, count: count, at: command.firstBlock * UInt64(namespace.blockBytes))
    guard isDone, keeps(command, namespace) else { return complete(slot, .writeFault, in: &fabric) }
    health.noteWrite(count)
    complete(slot, .successful, in: &fabric)
  }

  /// Deallocates ranges of blocks where software says so; the rest of the command is advice.
  ///
  /// - Layout: a range has attributes at 0, its number of blocks at 4 and its first block at 8.
  /// - Source: NVM Express Base 1.4, 6.7 "Dataset Management command".
  private func deallocate(_ slot: Int, _ command: NVMeCommand, _ namespace: NVMeNamespace) -> NVMeStatus {
    let size = UInt64(namespace.blockBytes)
    for isChecked in [false, true] {
      for start in stride(from: 0, to: slots.entries[slot].count, by: 16) {
        let blocks = UInt64(slots.entries[slot].buffer.loadLE(at: start + 4, as: UInt32.self))
        let first = slots.entries[slot].buffer.loadLE(at: start + 8, as: UInt64.self)
        guard namespace.holds(first, blocks) else { return .blockOutOfRange }
        guard isChecked, command.dword11 >> 2 & 1 == 1 else { continue }
        guard namespace.storage.clear(at: first * size, count: blocks * size) else { return .writeFault }
      }
    }
    return .successful
  }
}
