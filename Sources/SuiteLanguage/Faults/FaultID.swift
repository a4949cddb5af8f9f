// tidy: table

/// The kinds of fault, by the names that events, captures, coverage and `fault()` use.
///
/// Ids whose `isGeneral` is true name what a suite can write and no kind of its own describes.
public enum FaultID: String, CaseIterable, Hashable, Sendable {
  // Physical layer, data link layer, flow control, link.
  case receiverError = "phy.rx_error"
  case badLCRC = "dll.lcrc"
  case nullified = "dll.nullified"
  case badEnd = "dll.edb_bad"
  case sequenceRepeated = "dll.seq_dup"
  case sequenceSkipped = "dll.seq_skip"
  case nakStorm = "dll.nak_storm"
  case ackLost = "dll.ack_lost"
  case acksBlocked = "dll.ack_blocked"
  case ackSequence = "dll.ack_seq"
  case badDLLP = "dll.dllp_crc"
  case unknownDLLP = "dll.dllp_unknown"
  case badUpdate = "fc.update_crc"
  case updateLost = "fc.update_lost"
  case starvation = "fc.starve"
  case overflow = "fc.overflow"
  case illegalUpdate = "fc.illegal"
  case linkDown = "link.down"
  case linkRetrain = "link.retrain"
  case linkDegraded = "link.degrade"
  case hotReset = "link.hot_reset"
  case linkFlapping = "link.flap"
  // Transaction layer.
  case poisonedWrite = "tlp.poison_wr"
  case poisonedCompletion = "tlp.poison_cpl"
  case poisonedConfigurationWrite = "tlp.poison_cfg"
  case badECRC = "tlp.ecrc"
  case malformedLength = "tlp.malf_len"
  case malformedType = "tlp.malf_fmt"
  case malformedPayload = "tlp.malf_mps"
  case malformedBoundary = "tlp.malf_4k"
  case malformedByteEnables = "tlp.malf_be"
  case readTooLong = "tlp.mrrs"
  case completionBoundary = "cpl.rcb"
  case unsupportedRequest = "cpl.ur"
  case completerAbort = "cpl.ca"
  case requestRetry = "cpl.rrs"
  case memoryRequestRetry = "cpl.rrs_mem"
  case completionTimeout = "cpl.timeout"
  case completionLate = "cpl.late"
  case unexpectedCompletion = "cpl.unexpected"
  case completionRepeated = "cpl.dup"
  case wrongTag = "cpl.wrong_tag"
  case wrongRequester = "cpl.wrong_rid"
  case wrongByteCount = "cpl.count"
  case completionShort = "cpl.short"
  case requestsReordered = "cpl.reorder_req"
  case piecesReordered = "cpl.reorder_in"
  case completionSplit = "cpl.split"
  case postedLost = "tlp.drop_posted"
  case postedRepeated = "tlp.dup_posted"
  case postedReordered = "tlp.reorder_posted"
  case payloadChanged = "tlp.corrupt"
  case delayed = "tlp.delay"
  case misrouted = "tlp.misroute"
  case accessControl = "acs.violation"
  case atomicBlocked = "atomic.blocked"
  case prefixBlocked = "prefix.blocked"
  case multicastBlocked = "mc.blocked"
  case poisonBlocked = "poison.egress"
  case portContained = "dpc.trigger"
  // Interrupts.
  case interruptLost = "irq.lost"
  case interruptDelayed = "irq.delay"
  case interruptBeforeData = "irq.before_data"
  case interruptRepeated = "irq.dup"
  case interruptSpurious = "irq.spurious"
  case interruptVector = "irq.wrong_vector"
  case interruptAddress = "irq.bad_addr"
  case interruptMasked = "irq.masked"
  case interruptStorm = "irq.storm"
  case interruptStuck = "irq.intx_stuck"
  // Devices and functions.
  case resetDuringDMA = "dev.flr_mid_dma"
  case deviceRemoved = "dev.remove"
  case deviceHangs = "dev.hang"
  case deviceHangsPartly = "dev.hang_partial"
  case deviceKilled = "dev.kill"
  case busMasterOff = "dev.bme_off"
  case memorySpaceOff = "dev.mse_off"
  case barOverlap = "dev.bar_overlap"
  case lowPower = "dev.d3hot"
  case powerOff = "dev.d3cold"
  case retryForLong = "dev.rrs_long"
  case readsAllOnes = "dev.all_ones"
  case readsStale = "dev.stale"
  case badCapabilities = "dev.bad_caps"
  case wildDMA = "dev.dma_wild"
  case internalError = "dev.internal"
  case deviceSlow = "dev.slow"
  // Schedules over a whole system.
  case swizzle
  case partition
  case clockSkew = "clock_skew"
  case pause
  case resume
  case slowConsumer = "slow_consumer"
  case creditSwizzle = "credit_swizzle"
  case resetStorm = "reset_storm"
  case hotplugCycle = "hotplug_cycle"
  case faultPair = "fault_pair"
  case random
  // General ids.
  case frameLost = "dll.tlp_lost"
  case frameDelayed = "dll.delay"
  case singleNak = "dll.nak"
  case nakLost = "dll.nak_lost"
  case dllpRepeated = "dll.dllp_dup"
  case anyLost = "tlp.drop"
  case requestLost = "tlp.drop_request"
  case anyRepeated = "tlp.dup"
  case requestRepeated = "tlp.dup_request"
  case reordered = "tlp.reorder"
  case poisoned = "tlp.poison"
  case fieldChanged = "tlp.field"
  case answered = "cpl.answer"
  case stepPerformed = "dev.step"

  /// Whether the id names what suites can write and no kind of its own describes.
  public var isGeneral: Bool {
    switch self {
    case .frameLost, .frameDelayed, .singleNak, .nakLost, .dllpRepeated, .anyLost, .requestLost, .anyRepeated,
      .requestRepeated, .reordered, .poisoned, .fieldChanged, .answered, .stepPerformed:
      true
    default: false
    }
  }

  /// Where the fault strikes.
  public var layer: Layer {
    guard let dot = rawValue.firstIndex(of: ".") else { return .system }
    switch rawValue[..<dot] {
    case "phy": return .physical
    case "dll": return .dataLink
    case "fc": return .flowControl
    case "link": return .link
    case "cpl": return .completion
    case "irq": return .interrupt
    case "dev": return .device
    default: return .transaction
    }
  }

  /// The parts of the hierarchy that faults are sorted by.
  public enum Layer: String, CaseIterable, Hashable, Sendable {
    case physical
    case dataLink = "data-link"
    case flowControl = "flow-control"
    case link
    case transaction
    case completion
    case interrupt
    case device
    case system
  }
}
