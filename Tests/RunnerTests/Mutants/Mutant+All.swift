// tidy: table

import LinkBroker
import PCIe
import RunEvents
import SuiteLanguage

extension Mutant {
  static let all = frames + links + tlps + completions + interrupts + devices

  static let frames = [
    Mutant(
      .badLCRC, "does not report it", at: "mem", .expectation,
      "the error registers of mem do not show bad-tlp"
    ) { KeepsToItself($0, .badTLP) },
    Mutant(
      .badLCRC, "sends no Nak", .violation,
      "replay-timeout at rc, link l0: no Ack for 8 TLPs when REPLAY_TIMER ran out; they are sent again"
    ) { SendsNoNak() },
    Mutant(
      .badLCRC, "sends two Naks", at: "mem", .expectation, "expected l0.naks to be 1, got 2"
    ) { SendsTwoNaks($0) },
    Mutant(.badLCRC, "replays nothing", .expectation, "expected status SC, got timeout") { ReplaysNothing() },
    Mutant(
      .sequenceRepeated, "takes a TLP twice", at: "dma", .violation,
      "ordering at dma, link side: MWr overtook a posted request that was sent before it"
    ) { TakesDuplicates($0) },
    Mutant(
      .ackLost, "sends no Ack at all", .violation,
      "replay-timeout at mem, link l0: no Ack for 6 TLPs when REPLAY_TIMER ran out; they are sent again"
    ) { SendsNoAck() },
    Mutant(
      .nakStorm, "does not report the rollover", at: "rc", .expectation,
      "the error registers of rc.l0 do not show replay-rollover"
    ) { KeepsToItself($0, .replayRollover) },
    Mutant(
      .nullified, "sends a Nak for it", .violation,
      "bad-tlp at mem, link l0: MWr with sequence number * has a wrong LCRC"
    ) { MisreadsEDB(.nullified, as: .bad) },
    Mutant(
      .badEnd, "takes it for nullified", .expectation, "the error registers of mem do not show bad-tlp"
    ) { MisreadsEDB(.endBad, as: .nullified) },
    Mutant(
      .overflow, "does not report it", at: "mem", .expectation,
      "the error registers of mem do not show receiver-overflow"
    ) { KeepsToItself($0, .receiverOverflow) },
    Mutant(
      .illegalUpdate, "does not report it", at: "rc", .timeout,
      "msi 0 from rc at rc did not come within 1ms"
    ) { KeepsToItself($0, .flowControl) },
    Mutant(.nakStorm, "replays nothing", .expectation, "expected status SC, got timeout") {
      ReplaysNothing()
    },
  ]

  static let links = [
    Mutant(
      .starvation, "lets a write wait behind a read without credits", at: "dma", .timeout,
      "msix 0 from dma at rc did not come within 100us"
    ) { HoldsCommands($0) },
    Mutant(
      .linkDown, "does not report surprise down", at: "rc", .expectation,
      "the error registers of rc.l0 do not show surprise-down"
    ) { ExpectsLoss($0) },
    Mutant(
      .linkDown, "keeps its state", at: "mem", .expectation,
      "expected byte 0x0 to be 00, got 07; 1 byte differs"
    ) { KeepsState($0) },
    Mutant(
      .hotReset, "keeps its state", at: "mem", .expectation,
      "expected byte 0x0 to be 00, got 07; 1 byte differs"
    ) { KeepsState($0) },
  ]

  static let tlps = [
    Mutant(
      .poisonedWrite, "uses poisoned data", at: "mem", .expectation, "expected byte 0x0 to be *, got *; *"
    ) { UsesPoison($0) },
    Mutant(
      .poisonedWrite, "carries out a poisoned command", in: "tlp-poison-wr-register", at: "dma", .expectation,
      "expected byte 0x0 to be 00, got 40; 1 byte differs"
    ) { UsesPoison($0) },
    Mutant(
      .poisonedWrite, "puts poisoned data into host memory", in: "tlp-poison-wr-host", at: "rc", .expectation,
      "expected byte 0x0 to be *, got *; *"
    ) { UsesPoison($0) },
    Mutant(
      .poisonedCompletion, "uses poisoned data", at: "rc", .expectation, "expected status poisoned, got SC"
    ) { UsesPoison($0) },
    Mutant(
      .poisonedCompletion, "does DMA with poisoned data", in: "tlp-poison-cpl-dma", at: "far", .expectation,
      "expected status poisoned, got SC"
    ) { UsesPoison($0) },
    Mutant(
      .malformedLength, "takes a malformed TLP without a word", at: "mem", .expectation,
      "the error registers of mem do not show malformed-tlp"
    ) {
      IgnoresPortErrors($0)
    },
    Mutant(
      .malformedLength, "as a switch, does not report it", in: "tlp-malf-len-switch", at: "sw", .expectation,
      "the error registers of sw do not show malformed-tlp"
    ) { IgnoresPortErrors($0) },
    Mutant(
      .malformedLength, "as a root port, does not report it", in: "tlp-malf-len-cpl", at: "rc", .expectation,
      "the error registers of rc.l0 do not show malformed-tlp"
    ) { IgnoresPortErrors($0) },
    Mutant(
      .malformedPayload, "sets the wrong bit", at: "mem", .expectation,
      "the error registers of mem do not show malformed-tlp"
    ) { SetsWrongBit($0) },
    Mutant(
      .malformedPayload, "as a root port, sets the wrong bit", in: "tlp-malf-mps-host", at: "rc",
      .expectation, "the error registers of rc.l0 do not show malformed-tlp"
    ) { SetsWrongBit($0) },
    Mutant(
      .postedLost, "sets a bit that has nothing to do with it", at: "far", .violation,
      "the error registers of far (04:00.0) have recorded corrected-internal, "
        + "bit 14 of Correctable Error Status, which nothing in the case permits"
    ) {
      SetsSurplusBit($0)
    },
    Mutant(
      .malformedBoundary, "sets the wrong bit", at: "mem", .expectation,
      "the error registers of mem do not show malformed-tlp"
    ) { SetsWrongBit($0) },
    Mutant(.delayed, "gives up early", at: "rc", .expectation, "expected status SC, got timeout") {
      GivesUpEarly($0)
    },
  ]

  static let completions = [
    Mutant(
      .unsupportedRequest, "answers with another status", at: "mem", .expectation,
      "expected status UR, got CA"
    ) {
      AnswersAnother($0)
    },
    Mutant(
      .unsupportedRequest, "records nothing", at: "mem", .expectation,
      "the error registers of mem do not show unsupported-request"
    ) { AnswersWithoutRecord($0) },
    Mutant(
      .completerAbort, "records nothing", at: "mem", .expectation,
      "the error registers of mem do not show completer-abort"
    ) { AnswersWithoutRecord($0) },
    Mutant(
      .requestRetry, "takes a request for another try for a refusal", at: "rc", .expectation,
      "expected status SC, got UR"
    ) {
      TakesRetryForRefusal($0)
    },
    Mutant(
      .completionTimeout, "waits for ever", at: "rc", .timeout,
      "the end of mem_read mem.bar1+0x0 did not come within 100us"
    ) { NeverGivesUp($0) },
    Mutant(
      .completionTimeout, "does not report it", at: "rc", .expectation,
      "the error registers of rc.l0 do not show completion-timeout"
    ) { HidesTimeouts($0) },
    Mutant(
      .completionLate, "uses a tag at once that has timed out", at: "rc", .expectation,
      "expected byte 0x0 to be *, got *; *"
    ) {
      ReusesTags($0)
    },
    Mutant(
      .unexpectedCompletion, "does not report it", at: "rc", .expectation,
      "the error registers of rc.l0 do not show unexpected-completion"
    ) { SwallowsCompletions($0) },
    Mutant(
      .completionRepeated, "uses the data twice", at: "rc", .expectation,
      "expected byte 0x100 to be *, got *; *"
    ) { TakesAnyPiece($0) },
    Mutant(
      .requestsReordered, "takes completions for answers in order", at: "rc", .expectation,
      "expected byte 0x0 to be *, got *; *"
    ) {
      AnswersTheOldest($0)
    },
    Mutant(
      .piecesReordered, "uses pieces in the order they come", at: "rc", .expectation,
      "expected status timeout, got SC"
    ) {
      TakesAnyPiece($0)
    },
    Mutant(
      .completionSplit, "takes the first piece for all", at: "rc", .expectation,
      "expected byte 0x80 to be *, got *; *"
    ) { TakesOnePiece($0) },
  ]

  static let interrupts = [
    Mutant(
      .interruptLost, "stops until its interrupt is answered", at: "dma", .timeout,
      "msix 0 from dma at rc did not come within 100us"
    ) {
      WaitsForItsHost($0)
    },
    Mutant(
      .interruptSpurious, "calls another handler", at: "rc", .timeout,
      "msix 3 from mem at rc did not come within 100us"
    ) { CallsAnotherHandler($0) },
    Mutant(
      .interruptSpurious, "sends a masked vector", in: "irq-spurious-masked", at: "mem", .violation,
      "msix-masked at rc, link l0: 01:00.0 sent vector 3 while it is masked"
    ) { IgnoresMask($0) },
    Mutant(
      .interruptBeforeData, "hides what the checker finds", at: "rc", .violation,
      "fault 1, irq.before_data of line *, must make a checker find ordering, and none has"
    ) {
      HidesOvertaking($0)
    },
  ]

  static let devices = [
    Mutant(
      .resetDuringDMA, "writes after its reset", at: "dma", .expectation,
      "expected byte 0x0 to be 00, got ff; 4 of 4096 bytes differ"
    ) { WritesAfterReset($0) },
    Mutant(
      .deviceKilled, "does not report surprise down", at: "rc", .expectation,
      "the error registers of rc.l0 do not show surprise-down"
    ) { ExpectsLoss($0) },
    Mutant(
      .deviceHangs, "does not report timeouts", at: "rc", .expectation,
      "the error registers of rc.l0 do not show completion-timeout"
    ) { HidesTimeouts($0) },
    Mutant(
      .busMasterOff, "masters the bus all the same", at: "dma", .expectation,
      "expected byte 0x0 to be 48, got 44; 1 byte differs"
    ) {
      IgnoresBusMasterEnable($0)
    },
    Mutant(
      .memorySpaceOff, "serves memory all the same", at: "mem", .expectation, "expected status UR, got SC"
    ) {
      IgnoresMemorySpaceEnable($0)
    },
  ]
}
