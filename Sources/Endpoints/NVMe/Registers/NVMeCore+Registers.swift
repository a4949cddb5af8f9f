import LinkBroker
import PCIe

// BAR0: reads of any size and place; writes work by double words.
extension NVMeCore {
  /// Reads bytes of BAR0.
  func read(_ range: BarRange, into payload: PayloadReference, at place: Int, in fabric: inout Fabric) {
    var current = -1
    var value: UInt64 = 0
    for index in 0..<range.count {
      let offset = range.offset + index
      if offset & ~7 != current {
        current = offset & ~7
        value = registers.value(at: current)
      }
      fabric.payloads.setByte(
        payload, at: place + index, to: UInt8(truncatingIfNeeded: value >> (UInt64(offset & 7) * 8)))
    }
  }

  /// Writes bytes of BAR0; what is no whole double word changes nothing.
  ///
  /// - Source: NVM Express Base 1.4, 3.1: registers are accessed in their native width or by double words.
  mutating func write(
    _ range: BarRange, from payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) {
    var offset = (range.offset + 3) & ~3
    while offset + 4 <= range.offset + range.count {
      let word = fabric.payloads.word(payload, at: place + offset - range.offset)
      if offset >= NVMeRegister.doorbells {
        ring(offset - NVMeRegister.doorbells, word, in: &fabric)
      } else if offset == NVMeRegister.configuration {
        configure(NVMeControllerSettings(written: word), in: &fabric)
      } else if !registers.settings.isEnabled {
        registers.set(word, at: offset)
      }
      offset += 4
    }
  }

  private mutating func configure(_ written: NVMeControllerSettings, in fabric: inout Fabric) {
    let before = registers.settings
    let settings = written.following(before)
    registers.settings = settings
    if before.isEnabled, !settings.isEnabled { disable(in: &fabric) }
    if !before.isEnabled, settings.isEnabled { enable() }
    // 7.6.2 "Shutdown": no command is fetched any more, and those that go on end.
    if settings.isShuttingDown, !before.isShuttingDown { registers.status.insert(.shutdownOccurring) }
    settle(in: &fabric)
  }

  /// - Source: NVM Express Base 1.4, 7.6.1 "Initialization".
  private mutating func enable() {
    guard registers.isUsable else { return fail() }
    let sizes = registers.adminQueueSizes
    completions[0] = CompletionQueue(
      base: registers.adminCompletionBase, size: Int(sizes >> 16) + 1, vector: 0)
    submissions[0] = SubmissionQueue(
      base: registers.adminSubmissionBase, size: Int(sizes & 0xfff) + 1, completionQueue: 0,
      generation: arbiter.nextGeneration())
    registers.status = .ready
  }

  /// CC.EN is cleared: a controller reset, over when no read is under way any more.
  ///
  /// - Source: NVM Express Base 1.4, 7.3.2: queues are gone, AQA, ASQ and ACQ stay.
  private mutating func disable(in fabric: inout Fabric) {
    resetController()
    cancelReads(in: &fabric)
  }
}
