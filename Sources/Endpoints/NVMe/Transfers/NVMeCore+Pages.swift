import LinkBroker
import PCIe

// Physical region pages: where in host memory the data of a command is.
//
// Source: NVM Express Base 1.4, 4.3 "Physical Region Page Entry and List".
extension NVMeCore {
  /// Finds the pages of a command's data, then moves it.
  mutating func locate(_ slot: Int, in fabric: inout Fabric) {
    let command = slots.entries[slot].command
    let page = registers.pageBytes
    let offset = Int(command.firstPage & UInt64(page - 1))
    // Offsets are of double words.
    guard offset & 3 == 0 else { return complete(slot, .pageOffsetInvalid, in: &fabric) }
    slots.entries[slot].pages.append(command.firstPage)
    let rest = slots.entries[slot].count - (page - offset)
    if rest <= 0 { return move(slot, in: &fabric) }
    if rest <= page {
      guard isPage(command.secondPage) else { return complete(slot, .pageOffsetInvalid, in: &fabric) }
      slots.entries[slot].pages.append(command.secondPage)
      return move(slot, in: &fabric)
    }
    // The list may begin within a page, at any entry.
    guard command.secondPage & 7 == 0 else { return complete(slot, .pageOffsetInvalid, in: &fabric) }
    fetchList(slot, at: command.secondPage, in: &fabric)
  }

  private func isPage(_ address: UInt64) -> Bool { address & UInt64(registers.pageBytes - 1) == 0 }

  /// How many pages of a command's data are not known yet.
  private func missingPages(_ slot: Int) -> Int {
    let page = registers.pageBytes
    let first = page - Int(slots.entries[slot].command.firstPage & UInt64(page - 1))
    return (slots.entries[slot].count - first + page - 1) / page + 1 - slots.entries[slot].pages.count
  }

  /// Reads as many entries as are needed, up to the end of the page, whose last entry leads to the next list.
  private mutating func fetchList(_ slot: Int, at address: UInt64, in fabric: inout Fabric) {
    let page = registers.pageBytes
    let entries = min(missingPages(slot), (page - Int(address & UInt64(page - 1))) / 8)
    slots.entries[slot].outstanding += 1
    read(address, count: entries * 8, for: .list(slot: slot, entries: entries), in: &fabric)
  }

  /// Entries of a list have come.
  mutating func takeList(_ slot: Int, _ entries: Int, in fabric: inout Fabric) {
    let isChained = missingPages(slot) > entries
    for index in 0..<entries {
      let entry: UInt64 = transfers.list.loadLE(at: index * 8)
      guard isPage(entry) else { return complete(slot, .pageOffsetInvalid, in: &fabric) }
      if isChained, index == entries - 1 { return fetchList(slot, at: entry, in: &fabric) }
      slots.entries[slot].pages.append(entry)
    }
    move(slot, in: &fabric)
  }

  /// The part of a command's data that begins at a place and lies in one page, or in some that follow each
  /// other in memory.
  func piece(_ slot: Int, at place: Int) -> (address: UInt64, count: Int) {
    let (page, left) = (registers.pageBytes, slots.entries[slot].count - place)
    let lead = Int(slots.entries[slot].pages[0] & UInt64(page - 1))
    var index = (place + lead) / page
    let within = (place + lead) % page
    func base(_ index: Int) -> UInt64 { slots.entries[slot].pages[index] & ~UInt64(page - 1) }
    let address = base(index) &+ UInt64(within)
    var count = min(page - within, left)
    while count < left, count + page <= NVMeTransfers.pieceBytes,
      base(index + 1) == base(index) &+ UInt64(page)
    {
      index += 1
      count += min(page, left - count)
    }
    return (address, count)
  }

  private mutating func move(_ slot: Int, in fabric: inout Fabric) {
    if sendsData(slot) {
      transfers.sending.append(slot)
      return send(in: &fabric)
    }
    ask(slot, in: &fabric)
  }

  /// Asks for what comes next of a command's data, and takes the whole of it once all has come.
  mutating func ask(_ slot: Int, in fabric: inout Fabric) {
    // The command cannot end before the last answer, though what may not be sent ends at once.
    slots.entries[slot].outstanding += 1
    while !slots.entries[slot].hasFailed, slots.entries[slot].moved < slots.entries[slot].count,
      slots.entries[slot].outstanding <= NVMeTransfers.readsMax
    {
      let place = slots.entries[slot].moved
      let (address, count) = piece(slot, at: place)
      slots.entries[slot].moved += count
      slots.entries[slot].outstanding += 1
      read(address, count: count, for: .data(slot: slot, place: place, count: count), in: &fabric)
    }
    slots.entries[slot].outstanding -= 1
    guard slots.entries[slot].outstanding == 0 else { return }
    if slots.entries[slot].hasFailed { return complete(slot, .dataTransferError, in: &fabric) }
    takeData(slot, in: &fabric)
  }
}
