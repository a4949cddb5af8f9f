// tidy: table

import PCIe

// Transaction layer. A TLP that is dropped as malformed leaves its non-posted request without an answer.
extension FaultCatalogue {
  /// The requester whose request or completion is lost.
  ///
  /// - Source: PCI Express Base 5.0, 2.8 "Completion Timeout Mechanism"; 6.2.3.2.4.4 for one that tries again.
  private static let timesOut = FaultExpectation(
    .requester, [[.logged(.completionTimeout)], [.advisory(.completionTimeout)]], when: .isNonPosted)

  /// A malformed TLP: the port that receives it reports, whether it is the end of the way or not.
  ///
  /// - Source: PCI Express Base 5.0, 2.3 "Handling of Received TLPs" and 6.2.7 table 6-5.
  private static let malformed = [FaultExpectation(.receiver, [[.logged(.malformedTLP)]]), timesOut]

  private static let optionallyMalformed = [
    FaultExpectation(.receiver, [[.logged(.malformedTLP)], []]),
    FaultExpectation(
      .requester,
      may: [.logged(.completionTimeout), .advisory(.unexpectedCompletion), .logged(.malformedTLP)]),
  ]

  /// A switch that passes a poisoned TLP on.
  ///
  /// - Source: PCI Express Base 5.0, 6.2.3.2.4.2 "Intermediate Receiver".
  private static let forwardsPoison = FaultExpectation(.forwarder, [[.advisory(.poisonedTLP)]])

  static let transaction: [FaultEntry] = [
    FaultEntry(
      .poisonedWrite, "memory write with EP",
      receiver: "does not use the data; control registers keep their value",
      expect: [
        FaultExpectation(.completer, [[.logged(.poisonedTLP)], [.advisory(.poisonedTLP)]]), forwardsPoison,
      ], section: "2.7.2.2, 6.2.3.2.4.3", writing: "poison: {link: l0, tlp: MWr, nth: 1}"),
    FaultEntry(
      .poisonedCompletion, "completion with EP",
      sender: "does not use the data; the request ends with an error",
      expect: [
        FaultExpectation(.requester, [[.advisory(.poisonedTLP)], [.logged(.poisonedTLP)]]), forwardsPoison,
      ], section: "2.7.2.2, 6.2.3.2.4.3", writing: "poison: {link: l0, tlp: CplD, nth: 1}"),
    FaultEntry(
      .poisonedConfigurationWrite, "configuration write with EP", receiver: "register unchanged, answers UR",
      sender: "sees UR",
      expect: [
        FaultExpectation(.completer, [[.answered(.poisonedTLP)], [.logged(.poisonedTLP)]]), forwardsPoison,
      ],
      section: "2.7.2.2, 6.2.3.2.4.1", writing: "poison: {link: l0, tlp: CfgWr0, nth: 1}"),
    FaultEntry(
      .badECRC, "ECRC is wrong", receiver: "drops it, answers nothing, where ECRC checks are on",
      sender: "a non-posted request times out",
      expect: [
        FaultExpectation(.completer, [[.logged(.ecrc)]], when: .checksECRC),
        FaultExpectation(.requester, may: [.logged(.completionTimeout), .logged(.ecrc)]),
      ], section: "2.7.1, 6.2.7 table 6-5",
      writing: "corrupt: {link: l0, tlp: MWr, nth: 1, field: ecrc}"),
    FaultEntry(
      .malformedLength, "Length is not that of the payload", receiver: "drops it, answers nothing",
      sender: "a non-posted request times out", expect: malformed, section: "2.2.2, 2.3, 6.2.7 table 6-5",
      writing: "corrupt: {link: l0, tlp: MWr, nth: 1, field: length}"),
    FaultEntry(
      .malformedType, "Fmt and Type name nothing", receiver: "drops it, answers nothing",
      sender: "a non-posted request times out", expect: malformed, section: "2.2.1, 2.3, 6.2.7 table 6-5",
      writing: "corrupt: {link: l0, tlp: MRd, nth: 1, field: type}"),
    FaultEntry(
      .malformedPayload, "payload above Max_Payload_Size", receiver: "drops it, answers nothing",
      sender: "a non-posted request times out", expect: malformed, section: "2.2.2, 6.2.7 table 6-5",
      writing: "corrupt: {link: l0, tlp: MWr, nth: 1, field: max_payload}"),
    FaultEntry(
      .malformedBoundary, "request crosses 4 KiB", receiver: "may check it, then drops it",
      sender: "a non-posted request may time out", expect: optionallyMalformed,
      section: "2.2.7, 6.2.7 table 6-5",
      writing: "corrupt: {link: l0, tlp: MWr, length: 8B..4KiB, nth: 1, field: boundary}"),
    FaultEntry(
      .malformedByteEnables, "illegal byte enables", receiver: "may check it, then drops it",
      sender: "a non-posted request may time out", expect: optionallyMalformed,
      section: "2.2.5, 6.2.7 table 6-5",
      writing: "corrupt: {link: l0, tlp: MWr, length: 8B..4KiB, nth: 1, field: first_be}"),
    FaultEntry(
      .readTooLong, "read above Max_Read_Request_Size", receiver: "need not check it: serves it",
      section: "2.2.7",
      .unbuilt("no field of corrupt makes a read longer")),
    FaultEntry(
      .postedLost, "posted request vanishes", receiver: "-", sender: "only a later read finds it",
      section: "2.6.1, 3.6", writing: "drop: {link: l0, tlp: MWr, nth: 1}"),
    FaultEntry(
      .postedRepeated, "posted request comes twice", receiver: "registers like FIFOs go wrong",
      section: "3.6",
      writing: "duplicate: {link: l0, tlp: MWr, nth: 1}"),
    FaultEntry(
      .postedReordered, "posted request is overtaken", receiver: "the ordering checker finds it",
      findings: [.ordering], section: "2.4.1 table 2-40",
      writing: "delay: {link: l0, tlp: MWr, nth: 1, behind: MWr}"),
    FaultEntry(
      .payloadChanged, "payload bit flips above the LCRC", receiver: "only ECRC or a data check finds it",
      expect: [FaultExpectation(.completer, may: [.logged(.ecrc)])], section: "2.7.1",
      writing: "corrupt: {link: l0, tlp: MWr, nth: 1, field: payload}"),
    FaultEntry(
      .delayed, "TLP comes late", receiver: "works until the timeout", sender: "works until the timeout",
      expect: [
        FaultExpectation(
          .requester,
          may: [.logged(.completionTimeout), .advisory(.completionTimeout), .advisory(.unexpectedCompletion)])
      ], section: "2.8", writing: "delay: {link: l0, tlp: any, probability: 5%, by: 10us..2ms}"),
    FaultEntry(
      .misrouted, "address decodes to another place", receiver: "answers UR where nobody claims it",
      sender: "sees UR, or data is wrong",
      expect: [
        FaultExpectation(.completer, [[.answered(.unsupportedRequest)], []]),
        FaultExpectation(.receiver, may: [.answered(.unsupportedRequest)]),
        FaultExpectation(.forwarder, may: [.answered(.unsupportedRequest)]),
      ], section: "2.3.1", writing: "corrupt: {link: l0, tlp: MWr, nth: 1, field: address, value: 0x0}"),
    FaultEntry(
      .accessControl, "ACS blocks a request", receiver: "blocks it; a non-posted one gets CA",
      sender: "sees CA",
      expect: [FaultExpectation(.receiver, [[.answered(.acsViolation)]])], section: "6.12.1.1, 6.12.4",
      .steps,
      writing: "cfg_write to the ACS control register, and corrupt with field: requester"),
    FaultEntry(
      .atomicBlocked, "AtomicOp blocked at egress", receiver: "answers UR", sender: "sees UR",
      expect: [FaultExpectation(.forwarder, [[.answered(.atomicEgressBlocked)]])], section: "6.15.1",
      .unbuilt("no verb sends AtomicOps")),
    FaultEntry(
      .prefixBlocked, "TLP prefix blocked at egress", receiver: "a non-posted one gets UR",
      expect: [FaultExpectation(.forwarder, [[.answered(.prefixBlocked)]])], section: "2.2.10.2",
      .unbuilt("no verb sends TLP prefixes")),
    FaultEntry(
      .multicastBlocked, "multicast TLP blocked", receiver: "drops it",
      expect: [FaultExpectation(.receiver, [[.logged(.multicastBlocked)]])], section: "6.14.4",
      .unbuilt("switches have no multicast")),
    FaultEntry(
      .poisonBlocked, "poisoned TLP blocked at egress", receiver: "a non-posted one gets UR",
      expect: [FaultExpectation(.forwarder, [[.answered(.poisonEgressBlocked)]])], section: "2.7.2.1, 6.2.10",
      .steps, writing: "cfg_write to the DPC control register, and poison with expect"),
    FaultEntry(
      .portContained, "port contains on an error",
      receiver: "takes the link down, ends requests by DPC control",
      sender: "reads give all ones", section: "6.2.10", .steps,
      writing: "cfg_write to the DPC control register, and a rule that makes the error"),
  ]
}
