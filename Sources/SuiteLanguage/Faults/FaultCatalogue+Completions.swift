// tidy: table

import PCIe

// Completions. The sender's column is the requester's.
extension FaultCatalogue {
  private static let timeout: [[FaultReport]] = [
    [.logged(.completionTimeout)], [.advisory(.completionTimeout)],
  ]

  /// A completion that fits its tag and not its request: both readings are permitted.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.2 "Completion Handling Rules".
  private static let mismatch = [
    FaultExpectation(
      .requester, [[.logged(.malformedTLP)], [.advisory(.unexpectedCompletion)]],
      may: [.logged(.completionTimeout), .advisory(.completionTimeout)])
  ]

  static let completions: [FaultEntry] = [
    FaultEntry(
      .completionBoundary, "cut off a completion boundary", sender: "may treat it as malformed",
      expect: [FaultExpectation(.requester, [[.logged(.malformedTLP)], []])], section: "2.3.1.1",
      .unbuilt("pieces are always cut at read completion boundaries")),
    FaultEntry(
      .unsupportedRequest, "completer answers UR", receiver: "answers UR; drops what is posted",
      sender: "notes Received Master Abort; reads give all ones",
      expect: [FaultExpectation(.completer, [[.answered(.unsupportedRequest)]])],
      section: "2.3.1, 6.2.3.2.4.1", writing: "complete: {node: mem, tlp: MRd, nth: 1, status: UR}"),
    FaultEntry(
      .completerAbort, "completer aborts", receiver: "answers CA, notes Signaled Target Abort",
      sender: "notes Received Target Abort",
      expect: [FaultExpectation(.completer, [[.answered(.completerAbort)]])], section: "2.3.1, 6.2.3.2.4.1",
      writing: "complete: {node: mem, tlp: MRd, nth: 1, status: CA}"),
    FaultEntry(
      .requestRetry, "configuration request is to be retried", receiver: "answers RRS",
      sender: "root complex asks again, or reads vendor 0x0001", section: "2.3.1, 2.3.2",
      writing: "complete: {node: mem, tlp: CfgRd0, every: 1, for: 100ms, status: RRS}"),
    FaultEntry(
      .memoryRequestRetry, "RRS for a memory read", sender: "may treat it as malformed",
      expect: [
        FaultExpectation(.requester, [[.logged(.malformedTLP)], []], may: [.logged(.completionTimeout)])
      ], section: "2.3.2", writing: "complete: {node: mem, tlp: MRd, nth: 1, status: RRS}"),
    FaultEntry(
      .completionTimeout, "completion never comes", sender: "times out; the tag is not used again at once",
      expect: [
        // Pieces behind a lost one do not fit what the requester waits for, or come after the timeout.
        FaultExpectation(
          .requester, timeout, may: [.advisory(.unexpectedCompletion), .logged(.malformedTLP)])
      ], section: "2.8, 2.3.2, 6.2.3.2.4.4", writing: "drop: {link: l0, tlp: CplD, nth: 1}"),
    FaultEntry(
      .completionLate, "completion comes after the timeout", sender: "times out, then discards what comes",
      expect: [
        FaultExpectation(.requester, timeout.map { $0 + [.advisory(.unexpectedCompletion)] })
      ], section: "2.8, 2.3.2, 6.2.3.2.4.5", writing: "delay: {link: l0, tlp: CplD, nth: 1, by: 60ms}"),
    FaultEntry(
      .unexpectedCompletion, "completion nobody asked for", sender: "discards it",
      expect: [FaultExpectation(.requester, [[.advisory(.unexpectedCompletion)]])],
      section: "2.3.2, 6.2.3.2.4.5",
      writing: "complete: {node: mem, to: rc, tag: 0x3f, after: 1ms, status: SC}"),
    FaultEntry(
      .completionRepeated, "completion comes twice", sender: "takes the data once, discards the second",
      expect: [FaultExpectation(.requester, [[.advisory(.unexpectedCompletion)]])],
      section: "2.3.2, 6.2.3.2.4.5", writing: "duplicate: {link: l0, tlp: CplD, nth: 1}"),
    FaultEntry(
      .wrongTag, "completion with another tag", sender: "discards it; the true request times out",
      expect: [
        FaultExpectation(.requester, timeout.map { $0 + [.advisory(.unexpectedCompletion)] })
      ], section: "2.3.2, 2.8", writing: "corrupt: {link: l0, tlp: CplD, nth: 1, field: tag}"),
    FaultEntry(
      .wrongRequester, "completion with another requester ID",
      receiver: "who gets it and did not ask discards it",
      sender: "the true request times out",
      expect: [
        FaultExpectation(.requester, timeout, may: [.advisory(.unexpectedCompletion)]),
        FaultExpectation(.receiver, [[.advisory(.unexpectedCompletion)], []]),
        FaultExpectation(.forwarder, [[.advisory(.unexpectedCompletion)], []]),
      ], section: "2.3.2, 2.8", writing: "corrupt: {link: l0, tlp: CplD, nth: 1, field: requester}"),
    FaultEntry(
      .wrongByteCount, "completion does not fit its request", sender: "malformed, or unexpected: declared",
      expect: mismatch, section: "2.3.2", writing: "corrupt: {link: l0, tlp: CplD, nth: 1, field: byte_count}"
    ),
    FaultEntry(
      .completionShort, "part of the data never comes", sender: "times out; reports no partial data as whole",
      expect: [FaultExpectation(.requester, timeout)], section: "2.8", .told(as: .completionTimeout),
      writing: "drop: {link: l0, tlp: CplD, nth: 2} for a read of several completions"),
    FaultEntry(
      .requestsReordered, "completions of two requests swap", sender: "works: that is legal",
      section: "2.4.1 table 2-40", writing: "delay: {link: l0, tlp: CplD, nth: 1, behind: other-request}"),
    FaultEntry(
      .piecesReordered, "completions of one request swap", sender: "malformed, or unexpected: declared",
      expect: mismatch, section: "2.3.1.1, 2.3.2, 2.4.1",
      writing: "delay: {link: l0, tlp: CplD, nth: 1, behind: same-request}"),
    FaultEntry(
      .completionSplit, "completion in many pieces", sender: "works: that is legal", section: "2.3.1.1",
      writing: "complete: {node: mem, tlp: MRd, every: 1, status: SC, split: 64B..256B}"),
  ]
}
