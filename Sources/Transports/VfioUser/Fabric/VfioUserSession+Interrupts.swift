import LinkBroker
import PCIe

/// What the host is told by an eventfd.
enum VfioUserSignal: Hashable {
  case vector(Int, VfioUserInterruptIndex)
  case line(isAsserted: Bool)
}

/// How far the interrupts of the device are told to the host.
struct VfioUserInterruptState {
  var vectors = VfioUserVectors()
  /// Interrupts that wait until the host has taken the writes before them.
  var signals: [(after: UInt64, signal: VfioUserSignal)] = []
  /// Levels of INTA to INTD, one bit each.
  var lines: UInt8 = 0
  /// Messages of the device of which the host cannot learn.
  var untold: Set<MessageCode> = []

  /// The device has forgotten all.
  mutating func reset() {
    vectors.reset()
    lines = 0
    signals.removeAll()
  }
}

// Interrupts of the device.
extension VfioUserSession {
  /// Takes a write that is an interrupt; false when it is none.
  mutating func takeInterrupt(_ tlp: FabricTLP, in fabric: borrowing Fabric) -> Bool {
    guard tlp.header.lengthDW == 1, tlp.header.firstByteEnable != 0, tlp.payload.bytes == 4 else {
      return false
    }
    let (address, data) = (tlp.header.address, fabric.payloads.word(tlp.payload))
    if address == VfioUserVectors.address, let server, data < server.device.interrupts[2] {
      signal(.vector(Int(data), .msix))
    } else if let vector = registers.msiVector(address: address, data: data) {
      signal(.vector(vector, .msi))
    } else {
      return false
    }
    return true
  }

  /// Takes a message: an interrupt line, or what has no way to the host.
  mutating func takeMessage(_ header: TLPHeader) {
    guard let code = header.messageCode else { return }
    if let interrupt = code.interrupt {
      let bit = UInt8(1) << UInt8(interrupt.line)
      interrupts.lines = interrupt.isAsserted ? interrupts.lines | bit : interrupts.lines & ~bit
      return signal(.line(isAsserted: interrupts.lines != 0))
    }
    guard interrupts.untold.insert(code).inserted else { return }
    notes.append("\(code.mnemonic) of the device ends at its link: vfio-user has nothing to tell the host by")
  }

  /// Tells the host, once it has taken the writes that the device sent before.
  private mutating func signal(_ signal: VfioUserSignal) {
    guard let server else { return }
    let after = server.transfers.lastWrite
    if interrupts.signals.isEmpty, server.transfers.hasAnswered(writesUpTo: after) {
      perform(signal)
    } else {
      interrupts.signals.append((after, signal))
    }
  }

  /// Tells the host what has waited for long enough.
  mutating func releaseSignals() {
    while let first = interrupts.signals.first,
      server?.transfers.hasAnswered(writesUpTo: first.after) ?? false
    {
      interrupts.signals.removeFirst()
      perform(first.signal)
    }
  }

  private mutating func perform(_ signal: VfioUserSignal) {
    switch signal {
    case .line(let isAsserted): server?.interrupts.setLine(isAsserted)
    case .vector(let vector, let index):
      if server?.interrupts.raise(vector, of: index) ?? false { return }
      // It was on its way while the host took its eventfds back, as it does to change any of them.
      interrupts.vectors.pending.insert(signal)
    }
  }

  /// The host takes other vectors than before.
  mutating func takeVectors(
    of index: VfioUserInterruptIndex, _ port: FabricPort, in fabric: inout Fabric
  ) {
    for signal in interrupts.vectors.pending {
      guard case .vector(let vector, index) = signal else { continue }
      if server?.interrupts.raise(vector, of: index) ?? false { interrupts.vectors.pending.remove(signal) }
    }
    if index == .msix { updateTable(port, in: &fabric) }
  }

  /// Brings the device's MSI-X table in step with what the host takes.
  ///
  /// The host keeps a table of its own for its software, and never writes the device's.
  mutating func updateTable(_ port: FabricPort, in fabric: inout Fabric) {
    guard let table = registers.interruptTable, let server, registers.command.contains(.memoryEnable),
      fabric.state(ofLink: port.link) == .up
    else { return }
    interrupts.vectors.isStale = false
    for vector in 0..<server.device.interrupts[VfioUserInterruptIndex.msix.rawValue] {
      let isTaken = server.interrupts.takes(vector, of: .msix)
      for update in interrupts.vectors.updates(vector, isTaken: isTaken) {
        let header = TLPHeader.memoryWrite(
          address: table &+ UInt64(vector * 16 + update.offset), bytes: update.words.count * 4,
          requester: Self.host)
        let payload = fabric.payloads.take(bytes: update.words.count * 4)
        for (index, word) in update.words.enumerated() {
          fabric.payloads.setWord(payload, at: index * 4, to: word)
        }
        fabric.send(FabricTLP(header: header, payload: payload), from: port)
      }
    }
  }
}

/// The MSI-X table of the device, as the host's side has written it.
///
/// Each entry has an address that is nobody's memory, and its own number as data.
struct VfioUserVectors {
  /// - Source: PCI Express Base 5.0, 7.7.2.5: addresses of MSI-X have 64 bits; none of a machine's memory is
  ///   at the end of them.
  static let address: UInt64 = 0xffff_ffff_fee0_0000

  /// Entries that have been written, and whether they are masked.
  private var isMasked: [Int: Bool] = [:]
  /// Interrupts for which there was no eventfd.
  var pending: Set<VfioUserSignal> = []
  /// Whether the table is to be looked at again.
  var isStale = false

  /// The device has forgotten its table.
  mutating func reset() {
    isMasked.removeAll()
    pending.removeAll()
    isStale = true
  }

  /// What is to be written of an entry, nothing when it is as it should be: after a reset it is masked.
  ///
  /// - Source: PCI Express Base 5.0, 6.1.4.2: by aligned words and quadwords.
  mutating func updates(_ vector: Int, isTaken: Bool) -> [(offset: Int, words: [UInt32])] {
    switch isMasked[vector] {
    case nil where isTaken:
      isMasked[vector] = false
      let low = UInt32(truncatingIfNeeded: Self.address)
      let high = UInt32(truncatingIfNeeded: Self.address >> 32)
      return [(0, [low, high]), (8, [UInt32(vector), 0])]
    case (!isTaken)?, nil: return []
    default:
      isMasked[vector] = !isTaken
      return [(12, [isTaken ? 0 : 1])]
    }
  }
}
