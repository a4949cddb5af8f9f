// tidy: table

import PCIe

// Physical layer, data link layer, flow control, link. Roles are those of the TLP or DLLP that is struck.
extension FaultCatalogue {
  /// A link that is gone by surprise.
  ///
  /// - Source: PCI Express Base 5.0, 3.2.1 "Data Link Control and Management State Machine" for the error;
  ///   2.9.1 for the requests, which the port ends with UR.
  static let surpriseDown: [FaultExpectation] = [
    FaultExpectation(
      .portAbove, [[.logged(.surpriseDown)]],
      may: [.logged(.unsupportedRequest), .advisory(.unsupportedRequest)],
      when: .reportsSurpriseDown),
    FaultExpectation(.requester, may: [.logged(.completionTimeout)]),
  ]

  static let link: [FaultEntry] = [
    FaultEntry(
      .receiverError, "symbol or framing error", receiver: "drops it, sends Nak for a TLP", sender: "replays",
      expect: [FaultExpectation(.receiver, [[.logged(.receiverError)]])], section: "6.2.7 table 6-3",
      .unbuilt("the physical layer is not modelled")),
    FaultEntry(
      .badLCRC, "LCRC of a TLP is wrong", receiver: "drops it, sends one Nak, waits for the replay",
      sender: "replays all that is unacknowledged, in order",
      expect: [FaultExpectation(.receiver, [[.logged(.badTLP)]])], section: "3.6.3.1",
      writing: "corrupt: {link: l0, layer: data-link, tlp: MWr, nth: 2, field: lcrc}"),
    FaultEntry(
      .nullified, "TLP is nullified", receiver: "drops it without Nak",
      sender: "uses the sequence number again",
      section: "3.6.2.1, 3.6.3.1",
      writing: "corrupt: {link: l0, layer: data-link, tlp: MWr, nth: 2, field: nullified}"),
    FaultEntry(
      .badEnd, "EDB, but the LCRC is not inverted", receiver: "as dll.lcrc", sender: "replays",
      expect: [FaultExpectation(.receiver, [[.logged(.badTLP)]])], section: "3.6.3.1",
      writing: "corrupt: {link: l0, layer: data-link, tlp: MWr, nth: 2, field: edb}"),
    FaultEntry(
      .sequenceRepeated, "sequence number comes twice", receiver: "drops it, sends Ack again",
      sender: "frees up to the Ack", section: "3.6.3.1",
      writing: "duplicate: {link: l0, layer: data-link, tlp: MWr, nth: 1}"),
    FaultEntry(
      .sequenceSkipped, "sequence number is ahead", receiver: "drops it, sends one Nak", sender: "replays",
      expect: [FaultExpectation(.receiver, [[.logged(.badTLP)]])], section: "3.6.3.1",
      writing: "corrupt: {link: l0, layer: data-link, tlp: MWr, nth: 1, field: sequence}"),
    FaultEntry(
      .nakStorm, "every TLP gets a Nak",
      sender: "replays; the fourth time REPLAY_NUM rolls over: retrains first",
      expect: [FaultExpectation(.sender, [[.logged(.replayRollover)]])], section: "3.6.2.1",
      writing: "complete: {link: l0, layer: data-link, tlp: any, every: 1, times: 4, status: Nak}"),
    FaultEntry(
      .ackLost, "an Ack is lost", receiver: "nothing when a later Ack covers it, else replays",
      expect: [FaultExpectation(.receiver, may: [.logged(.replayTimeout)])], section: "3.6.2.1",
      writing: "drop: {link: l0, dllp: Ack, nth: 1}"),
    FaultEntry(
      .acksBlocked, "no Ack comes at all", receiver: "REPLAY_TIMER expires: replays, at last retrains",
      sender: "drops what comes twice, sends Ack",
      expect: [
        FaultExpectation(.receiver, [[.logged(.replayTimeout)]], may: [.logged(.replayRollover)])
      ], section: "3.6.2.1", writing: "drop: {link: l0, dllp: Ack, every: 1, for: 1ms}"),
    FaultEntry(
      .ackSequence, "Ack for what was never sent", receiver: "drops it: Data Link Protocol Error",
      expect: [
        FaultExpectation(.receiver, [[.logged(.dataLinkProtocol)]], may: [.logged(.replayTimeout)])
      ], section: "3.6.2.2", writing: "corrupt: {link: l0, dllp: Ack, nth: 1, field: sequence}"),
    FaultEntry(
      .badDLLP, "CRC of an Ack or Nak is wrong", receiver: "drops it; may have to replay later",
      expect: [FaultExpectation(.receiver, [[.logged(.badDLLP)]], may: [.logged(.replayTimeout)])],
      section: "3.6.2.2", writing: "corrupt: {link: l0, dllp: Ack, nth: 1, field: lcrc}"),
    FaultEntry(
      .unknownDLLP, "DLLP of a type nobody knows", receiver: "drops it silently",
      expect: [FaultExpectation(.receiver, may: [.logged(.replayTimeout)])], section: "3.5.1",
      writing: "corrupt: {link: l0, dllp: Ack, nth: 1, field: type}"),
    FaultEntry(
      .badUpdate, "CRC of an UpdateFC is wrong", receiver: "drops it; the next one repairs",
      expect: [FaultExpectation(.receiver, [[.logged(.badDLLP)]])], section: "3.6.2.2",
      writing: "corrupt: {link: l0, dllp: UpdateFC, nth: 1, field: lcrc}"),
    FaultEntry(
      .updateLost, "UpdateFC is lost", receiver: "stalls until the next one",
      expect: [FaultExpectation(.requester, may: [.logged(.completionTimeout)])], section: "2.6.1.2",
      writing: "drop: {link: l0, dllp: UpdateFC, every: 1, for: 1ms}"),
    FaultEntry(
      .starvation, "credits of a class stay at zero",
      sender: "sends none of it; posted and completions pass stalled non-posted",
      expect: [FaultExpectation(.requester, may: [.logged(.completionTimeout)])], section: "2.6.1.1, 2.4.1",
      writing: "starve: {link: l0, credits: non-posted, after: {tlp: MRd, count: 1}, for: 5ms}"),
    FaultEntry(
      .overflow, "UpdateFC tells credits that there are not", receiver: "believes it and sends too much",
      sender: "may detect it, then drops what has no room",
      expect: [
        FaultExpectation(.sender, [[.logged(.receiverOverflow)], []]),
        FaultExpectation(.receiver, may: [.logged(.flowControl)]),
        FaultExpectation(.requester, may: [.logged(.completionTimeout)]),
      ], section: "2.6.1.2",
      writing: "corrupt: {link: l0, dllp: UpdateFC, nth: 1, field: credits, value: 0x20}"),
    FaultEntry(
      .illegalUpdate, "credit update breaks the rules", receiver: "may report it",
      expect: [FaultExpectation(.receiver, [[.logged(.flowControl)], []])], section: "2.6.1",
      writing: "corrupt: {link: l0, dllp: UpdateFC, nth: 1, field: credits}"),
    FaultEntry(
      .linkDown, "link goes down by surprise and comes back",
      receiver: "device loses its state; posted requests are lost",
      sender: "port ends outstanding requests with UR; reads give all ones", expect: surpriseDown,
      section: "3.2.1, 2.9.1", writing: "link_down: {link: l0, after: {tlp: MWr, count: 3}, for: 5ms}"),
    FaultEntry(
      .linkRetrain, "Recovery and back", receiver: "loses no TLP", sender: "loses no TLP",
      expect: [
        FaultExpectation(.sender, may: [.logged(.receiverError)]),
        FaultExpectation(.receiver, may: [.logged(.receiverError)]),
      ], section: "4.2.6.4, 6.11", .steps, writing: "link: {link: l0, state: up}"),
    FaultEntry(
      .linkDegraded, "speed or width falls", receiver: "Link Status shows it", sender: "Link Status shows it",
      section: "4.2.6.4, 7.5.3.8", .steps, writing: "link: {link: l0, state: up, speed: 2.5GT/s, width: 1}"),
    FaultEntry(
      .hotReset, "hot reset from above",
      receiver: "defaults, sticky bits kept; quiet 100 ms, may answer RRS for 1 s",
      sender: "port ends outstanding requests with UR",
      expect: [
        FaultExpectation(.portAbove, may: [.logged(.unsupportedRequest), .advisory(.unsupportedRequest)]),
        FaultExpectation(.requester, may: [.logged(.completionTimeout)]),
      ], section: "6.6.1, 2.9.1",
      writing: "do: {after: {link: l0, tlp: MRd, count: 3}, step: {reset: {link: l0, kind: hot}}}"),
    FaultEntry(
      .linkFlapping, "link goes down and up several times", receiver: "as link.down",
      sender: "as link.down; no stuck tag", expect: surpriseDown, section: "3.2.1, 2.9.1",
      .told(as: .linkDown), writing: "several link_down, each with its own after"),
  ]
}
