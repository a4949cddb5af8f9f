import LinkBroker
import PCIe

// What the device learns of its function, and its interrupts.
extension VfioUserDeviceSession {
  /// Tells the device what software has set.
  mutating func adopt(_ settings: OutsideSettings) {
    let before = told
    told = settings
    for (bar, address) in settings.barAddresses.enumerated() where before.barAddresses[bar] != address {
      // One that is not decoded any more stays where it was: the device learns of the enables.
      guard let address else { continue }
      var data: [UInt8] = []
      data.add(UInt32(truncatingIfNeeded: address))
      if features.wideBars.contains(bar) { data.add(UInt32(truncatingIfNeeded: address >> 32)) }
      configure(HeaderRegister.bar(bar), data)
    }
    if command(settings) != command(before) {
      var data: [UInt8] = []
      data.add(command(settings))
      configure(HeaderRegister.command, data)
    }
    if settings.msiVectors != before.msiVectors {
      enable(.msi, settings.msiVectors, before: before.msiVectors)
    }
    if settings.isMSIXEnabled != before.isMSIXEnabled {
      let all = features.interrupts[VfioUserInterruptIndex.msix.rawValue]
      enable(.msix, settings.isMSIXEnabled ? all : 0, before: before.isMSIXEnabled ? all : 0)
    }
  }

  /// Maps a part of the memory by a descriptor, and what is around it by messages as before.
  mutating func share(_ memory: PassedDescriptor, at address: UInt64, bytes: UInt64) {
    client.unmap(0, bytes: Self.memoryBytes)
    if address > 0 { client.map(0, bytes: address) }
    client.map(address, bytes: bytes, memory)
    let end = address + bytes
    client.map(end, bytes: Self.memoryBytes - end)
  }

  private func command(_ settings: OutsideSettings) -> UInt16 {
    var command: CommandBits = []
    if settings.barAddresses.contains(where: { $0 != nil }) { command.formUnion([.memoryEnable, .ioEnable]) }
    if settings.isBusMasterEnabled { command.insert(.busMasterEnable) }
    if settings.isINTxDisabled { command.insert(.interruptDisable) }
    return command.rawValue
  }

  private mutating func configure(_ offset: Int, _ data: [UInt8]) {
    client.write(VfioUserRegionIndex.configuration, UInt64(offset), data)
  }

  /// Takes some vectors of an index, or gives them back, and sets the device's own enable bit.
  private mutating func enable(_ index: VfioUserInterruptIndex, _ count: Int, before: Int) {
    // Those that are not taken any more are given back.
    if count < before { client.setInterrupts(index, flags: 0x21, count: 0) }
    if count > 0 { takeVectors(of: index, count) }
    switch index {
    case .msi:
      guard let place = features.places.msi else { return }
      // How many there are goes as a power of two in bits 6:4; the width of addresses is read-only.
      configure(place + 2, [count == 0 ? 0 : UInt8(count.trailingZeroBitCount) << 4 | 1])
    default:
      guard let place = features.places.msix else { return }
      configure(place + 3, [count == 0 ? 0 : 0x80])
    }
  }

  /// Has the device raise an eventfd for each of the first vectors.
  mutating func takeVectors(of index: VfioUserInterruptIndex, _ wanted: Int) {
    let count = min(wanted, features.interrupts[index.rawValue])
    while events[index.rawValue].count < count, let event = try? PassedDescriptor.event() {
      events[index.rawValue].append(event)
    }
    if events[index.rawValue].count < count {
      notes.append("there are no eventfds left for vectors \(events[index.rawValue].count) to \(count - 1)")
    }
    let all = events[index.rawValue].prefix(count)
    for start in stride(from: 0, to: all.count, by: features.maxDescriptors) {
      let some = Array(all[start..<min(start + features.maxDescriptors, all.count)])
      client.setInterrupts(index, flags: 0x24, start: start, count: some.count, some)
    }
  }

  /// Takes the signal of a vector; false when somebody else has.
  func takeSignal(_ index: VfioUserInterruptIndex, _ vector: Int) -> Bool {
    events[index.rawValue][vector].take() > 0
  }

  /// Raises an interrupt that the device has told.
  mutating func announce(
    _ index: VfioUserInterruptIndex, _ vector: Int, _ node: any OutsideEnd, in fabric: inout Fabric
  ) {
    switch index {
    case .intx:
      isLineAsserted = true
      note(node.raise(.intx(isAsserted: true), in: &fabric))
    case .msi: note(node.raise(.msi(vector: vector), in: &fabric))
    default: note(node.raise(.msix(vector: vector), in: &fabric))
    }
  }

  private mutating func note(_ refusal: OutsideRefusal?) {
    if let refusal { notes.append("an interrupt of the device was not raised: \(refusal)") }
  }

  /// The end of an interrupt by the line cannot be seen: after an access of its driver the line is let go of,
  /// and a device that still holds it tells so again.
  mutating func letGoOfLine() {
    guard isLineAsserted else { return }
    isLineAsserted = false
    letsGo = true
    client.setInterrupts(.intx, flags: 0x11, count: 1)
  }
}
