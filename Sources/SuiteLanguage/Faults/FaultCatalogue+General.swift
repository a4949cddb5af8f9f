// tidy: table

import PCIe

// What suites can write and no kind of its own describes: told by these ids, and judged leniently where the
// traffic decides what happens.
extension FaultCatalogue {
  private static let mayTimeOut = FaultExpectation(
    .requester, may: [.logged(.completionTimeout), .advisory(.completionTimeout)])

  static let general: [FaultEntry] = [
    FaultEntry(
      .frameLost, "TLP is lost below Ack and Nak", receiver: "sends Nak when the next one comes",
      sender: "replays",
      expect: [
        FaultExpectation(.receiver, may: [.logged(.badTLP)]),
        FaultExpectation(.sender, may: [.logged(.replayTimeout)]),
      ], section: "3.6.2.1, 3.6.3.1", writing: "drop: {link: l0, layer: data-link, tlp: MWr, nth: 1}"),
    FaultEntry(
      .frameDelayed, "TLP or DLLP is late below Ack and Nak", sender: "may replay",
      expect: [
        FaultExpectation(.sender, may: [.logged(.replayTimeout), .logged(.replayRollover)]),
        FaultExpectation(.receiver, may: [.logged(.replayTimeout), .logged(.replayRollover)]),
      ], section: "3.6.2.1", writing: "delay: {link: l0, dllp: Ack, nth: 1, by: 100us}"),
    FaultEntry(
      .singleNak, "TLP gets a Nak", sender: "replays", section: "3.6.2.2",
      writing: "complete: {link: l0, layer: data-link, tlp: any, nth: 1, status: Nak}"),
    FaultEntry(
      .nakLost, "a Nak is lost", receiver: "REPLAY_TIMER expires: replays",
      expect: [FaultExpectation(.receiver, may: [.logged(.replayTimeout)])], section: "3.6.2.1",
      writing: "drop: {link: l0, dllp: Nak, nth: 1}"),
    FaultEntry(
      .dllpRepeated, "DLLP comes twice", receiver: "takes it as it is", section: "3.6.2.2",
      writing: "duplicate: {link: l0, dllp: Ack, nth: 1}"),
    FaultEntry(
      .anyLost, "TLP of any type vanishes", receiver: "-", sender: "a non-posted request times out",
      expect: [mayTimeOut], section: "2.8", writing: "drop: {link: l0, tlp: any, nth: 1}"),
    FaultEntry(
      .requestLost, "non-posted request vanishes", sender: "times out",
      expect: [
        FaultExpectation(.requester, [[.logged(.completionTimeout)], [.advisory(.completionTimeout)]])
      ], section: "2.8", writing: "drop: {link: l0, tlp: MRd, nth: 1}"),
    FaultEntry(
      .anyRepeated, "TLP of any type comes twice", receiver: "-", sender: "discards a second completion",
      expect: [FaultExpectation(.requester, may: [.advisory(.unexpectedCompletion)])], section: "2.3.2",
      writing: "duplicate: {link: l0, tlp: any, nth: 1}"),
    FaultEntry(
      .requestRepeated, "non-posted request comes twice", receiver: "answers both",
      sender: "discards the second completion",
      expect: [FaultExpectation(.requester, [[.advisory(.unexpectedCompletion)]])],
      section: "2.3.2, 6.2.3.2.4.5", writing: "duplicate: {link: l0, tlp: MRd, nth: 1}"),
    FaultEntry(
      .reordered, "TLP is passed as the rules permit", receiver: "works", sender: "works",
      expect: [
        FaultExpectation(.requester, may: [.advisory(.unexpectedCompletion), .logged(.malformedTLP)]),
        mayTimeOut,
      ], section: "2.4.1 table 2-40", writing: "delay: {link: l0, tlp: MRd, nth: 1, behind: MWr}"),
    FaultEntry(
      .poisoned, "TLP of any type with EP", receiver: "does not use the data",
      expect: [
        FaultExpectation(.completer, may: [.answered(.poisonedTLP), .logged(.poisonedTLP)]),
        FaultExpectation(.requester, may: [.logged(.poisonedTLP), .advisory(.poisonedTLP)]),
        FaultExpectation(.forwarder, [[.advisory(.poisonedTLP)]]),
      ], section: "2.7.2.2", writing: "poison: {link: l0, tlp: any, nth: 1}"),
    FaultEntry(
      .fieldChanged, "a field changes to what may be right", receiver: "depends on the field",
      expect: [
        FaultExpectation(
          .requester,
          may: [
            .logged(.completionTimeout), .advisory(.completionTimeout), .advisory(.unexpectedCompletion),
            .logged(.malformedTLP),
          ]),
        FaultExpectation(.receiver, may: [.logged(.malformedTLP), .answered(.unsupportedRequest)]),
        FaultExpectation(.completer, may: [.answered(.unsupportedRequest)]),
      ], section: "2.3", writing: "corrupt: {link: l0, tlp: MWr, nth: 1, field: requester}"),
    FaultEntry(
      .answered, "completer answers SC at once", sender: "takes it", section: "2.3.1",
      writing: "complete: {node: mem, tlp: MRd, nth: 1, status: SC}"),
    FaultEntry(
      .stepPerformed, "software does something at that moment", receiver: "as for the step",
      sender: "as for the step",
      section: "-", writing: "do: {after: 1ms, step: {link: {link: l0, state: down}}}"),
  ]
}
