// tidy: table

import PCIe

extension FaultCatalogue {
  static let interrupts: [FaultEntry] = [
    FaultEntry(
      .interruptLost, "interrupt is lost", sender: "driver finds the work within a bound", section: "6.1.4",
      writing: "drop: {link: l0, msix: 0, nth: 1}"),
    FaultEntry(
      .interruptDelayed, "interrupt comes late", sender: "works", section: "6.1.4",
      writing: "delay: {link: l0, msix: 0, nth: 1, by: 1ms}"),
    FaultEntry(
      .interruptBeforeData, "interrupt overtakes its data", receiver: "the ordering checker finds it",
      sender: "driver sees stale data", findings: [.ordering], section: "2.4.1 table 2-40",
      writing: "delay: {link: l0, tlp: MWr, nth: 1, behind: msix}"),
    FaultEntry(
      .interruptRepeated, "interrupt comes twice", sender: "handler does no harm", section: "6.1.4",
      writing: "duplicate: {link: l0, msix: 0, nth: 1}"),
    FaultEntry(
      .interruptSpurious, "interrupt without work", sender: "handled as not mine", section: "6.1.4",
      writing: "do: {after: {link: l0, tlp: MWr, count: 1}, step: {msix: {by: mem, vector: 3}}}"),
    FaultEntry(
      .interruptVector, "interrupt with another vector", sender: "the wrong handler does no harm",
      section: "6.1.4",
      writing: "corrupt: {link: l0, msix: 0, nth: 1, field: payload, value: 0x1}"),
    FaultEntry(
      .interruptAddress, "interrupt with another address", receiver: "refuses what lies outside its memory",
      expect: [FaultExpectation(.completer, [[.logged(.unsupportedRequest)], []])], section: "2.3.1",
      writing: "corrupt: {link: l0, msix: 0, nth: 1, field: address, value: 0xffff0000}"),
    FaultEntry(
      .interruptMasked, "raised while masked", receiver: "pending bit set; sent once when unmasked",
      section: "6.1.4.5, 7.7.2", .steps, writing: "mem_write to mem.msix_table, then msix"),
    FaultEntry(
      .interruptStorm, "many interrupts in a short time", sender: "host survives", section: "6.1.4", .steps,
      writing: "repeat: {times: 1000, steps: [{msix: {by: mem, vector: 0}}]}"),
    FaultEntry(
      .interruptStuck, "Deassert_INTx is lost", sender: "level stays; a guard disables the line",
      section: "2.2.8.1", .told(as: .postedLost), writing: "drop: {link: l0, tlp: Msg, nth: 2, from: mem}"),
  ]

  static let devices: [FaultEntry] = [
    FaultEntry(
      .resetDuringDMA, "function reset with requests in flight",
      receiver: "quiet; done within 100 ms; no DMA afterwards",
      sender: "late completions are discarded quietly",
      expect: [
        FaultExpectation(.requester, may: [.advisory(.unexpectedCompletion)]),
        FaultExpectation(.completer, may: [.advisory(.unexpectedCompletion)]),
      ], section: "6.6.2",
      writing:
        "do: {after: {link: l0, tlp: MRd, count: 3, from: mem}, step: {reset: {node: mem, kind: flr}}}"),
    FaultEntry(
      .deviceRemoved, "device is pulled out", receiver: "-", sender: "as link.down; no stuck tag",
      expect: surpriseDown, section: "3.2.1, 2.9.1, 6.7", writing: "link_down: {link: l0, after: 1ms}"),
    FaultEntry(
      .deviceHangs, "device stops answering", sender: "times out; host stays alive",
      expect: [
        FaultExpectation(.requester, [[.logged(.completionTimeout)], [.advisory(.completionTimeout)]])
      ],
      section: "2.8", writing: "hang: {node: mem, after: 2s}"),
    FaultEntry(
      .deviceHangsPartly, "one BAR stops answering", sender: "times out there only",
      expect: [
        FaultExpectation(.requester, [[.logged(.completionTimeout)], [.advisory(.completionTimeout)]])
      ],
      section: "2.8", writing: "drop: {link: l0, tlp: MRd, address: mem.bar1, every: 1}"),
    FaultEntry(
      .deviceKilled, "device's process dies", sender: "as link.down, noticed within milliseconds",
      expect: surpriseDown, findings: [.nodeExit], section: "3.2.1, 2.9.1",
      writing: "kill: {node: mem, after: 2s}"),
    FaultEntry(
      .busMasterOff, "Bus Master Enable cleared under load", receiver: "stops DMA and interrupts",
      expect: [FaultExpectation(.portAbove, may: [.answered(.unsupportedRequest)])], section: "7.5.1.1.3",
      writing:
        "do: {after: {link: l0, tlp: MWr, count: 3, from: mem}, "
        + "step: {cfg_write: {by: rc, to: mem, offset: 0x4, size: 2, data: {bytes: 02 00}}}}"),
    FaultEntry(
      .memorySpaceOff, "memory space off, or a BAR moved", receiver: "answers UR",
      sender: "sees UR; only a new range answers",
      expect: [FaultExpectation(.completer, [[.answered(.unsupportedRequest)], []])],
      section: "7.5.1.1.3, 2.3.1",
      writing:
        "do: {after: {link: l0, tlp: MWr, count: 3}, "
        + "step: {cfg_write: {by: rc, to: mem, offset: 0x4, size: 2, data: {bytes: 04 00}}}}"),
    FaultEntry(
      .barOverlap, "two devices claim one range", section: "2.3.1",
      .unbuilt("the enumerator gives every BAR its own range")),
    FaultEntry(
      .lowPower, "access in D3hot", receiver: "answers UR to memory; configuration works",
      expect: [FaultExpectation(.completer, [[.answered(.unsupportedRequest)], []])], section: "5.3.1.4.1",
      .steps,
      writing:
        "cfg_write: {by: rc, to: mem, capability: pm, offset: 0x4, size: 2, data: {bytes: 03 00}}"),
    FaultEntry(
      .powerOff, "power is cut", sender: "as dev.remove; enumerates anew", section: "5.3.1.4.2",
      .unbuilt("no model loses its power")),
    FaultEntry(
      .retryForLong, "RRS for more than 1 s", sender: "gives up cleanly", section: "6.6.1",
      writing: "complete: {node: mem, tlp: CfgRd0, every: 1, for: 2s, status: RRS}"),
    FaultEntry(
      .readsAllOnes, "register reads give all ones", sender: "driver checks for removal", section: "2.9.1",
      .told(as: .payloadChanged),
      writing: "corrupt: {link: l0, tlp: CplD, nth: 1, field: payload, value: 0xffffffff}"),
    FaultEntry(
      .readsStale, "register reads give an old value", sender: "driver checks", section: "2.4.1",
      .told(as: .payloadChanged),
      writing: "corrupt: {link: l0, tlp: CplD, nth: 2, field: payload, value: 0x10} with what was read before"
    ),
    FaultEntry(
      .badCapabilities, "looped capability list, wrong BAR size",
      sender: "enumeration ends, device is refused",
      section: "7.5.1.1.11, 7.6", .unbuilt("no model has broken registers")),
    FaultEntry(
      .wildDMA, "DMA outside the granted window", receiver: "blocks it; host memory is not touched",
      sender: "sees UR",
      expect: [FaultExpectation(.completer, [[.answered(.unsupportedRequest)]])], section: "2.3.1", .steps,
      writing: "dma_read: {by: mem, address: 0xffff0000, length: 4B, expect: {status: UR}}"),
    FaultEntry(
      .internalError, "internal error", receiver: "reports it by its severity",
      expect: [
        FaultExpectation(.completer, [[.logged(.uncorrectableInternal)], [.logged(.correctedInternal)]])
      ],
      section: "6.2.9",
      .unbuilt("models have no internal errors")),
    FaultEntry(
      .deviceSlow, "every completion takes longer", sender: "works, at a lower rate", section: "2.8",
      writing: "delay: {link: l0, tlp: CplD, every: 1, by: 10us}"),
  ]

  /// Schedules of several rules over a topology.
  static let schedules: [FaultEntry] = [
    FaultEntry(
      .swizzle, "links down one by one, healed in random order", section: "-", .explored,
      writing: "pcie-harness explore SUITE --schedule swizzle"),
    FaultEntry(
      .partition, "half of the endpoints gone", section: "3.2.1, 2.9.1", .told(as: .linkDown),
      writing: "link_down: {link: up, after: 1ms, for: 5ms} on the link above a switch"),
    FaultEntry(.clockSkew, "clocks drift apart", section: "-", .unbuilt("all models share one clock")),
    FaultEntry(
      .pause, "process stopped for a time", section: "-", .told(as: .deviceHangs),
      writing: "hang: {node: server, after: 2s, for: 1s}"),
    FaultEntry(
      .resume, "stopped process goes on", section: "-", .told(as: .deviceHangs),
      writing: "hang: {node: server, after: 2s, for: 1s}"),
    FaultEntry(
      .slowConsumer, "receiver takes its time", section: "2.6.1", .told(as: .starvation),
      writing: "several starve with the same credits, each with its own after and for"),
    FaultEntry(
      .creditSwizzle, "credits starve in turn", section: "2.6.1", .told(as: .starvation),
      writing: "a starve for each kind of credits, each with its own after and for"),
    FaultEntry(
      .resetStorm, "reset after reset", section: "6.6", .steps,
      writing: "repeat: {times: 10, steps: [{reset: {link: l0, kind: hot}}]}"),
    FaultEntry(
      .hotplugCycle, "device out and in again and again", section: "6.7", .told(as: .linkDown),
      writing: "several link_down, each with its own after"),
    FaultEntry(
      .faultPair, "a fault within the recovery of another", section: "-", .explored,
      writing: "pcie-harness explore SUITE --schedule fault_pair"),
    FaultEntry(
      .random, "random schedule, shrunk on failure", section: "-", .explored,
      writing: "pcie-harness explore SUITE"),
  ]
}
