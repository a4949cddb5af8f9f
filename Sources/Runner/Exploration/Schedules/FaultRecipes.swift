// tidy: table

import PCIe
import SuiteLanguage

/// The kinds of fault that exploration can draw.
enum FaultRecipes {
  /// All, in the order of the catalogue.
  static let all: [FaultRecipe] = {
    let byID = Dictionary(
      uniqueKeysWithValues: (harmless + dataLink + completions + transactions + interrupts + links).map {
        ($0.id, $0)
      })
    return FaultID.allCases.compactMap { byID[$0] }
  }()

  private static let harmless: [FaultRecipe] = [
    FaultRecipe(.delayed) { draw in
      guard let link = draw.link(),
        let word = draw.pick([TLPWord.memoryWrite, .memoryRead, .completionWithData, .any])
      else { return [] }
      let from = draw.end(of: link)
      let action = delay(draw.time(50, 50_000))
      let trigger = FaultTrigger(
        link: link.name, sender: from, match: .tlp(word), selection: draw.nth(), after: draw.after)
      return [FaultRule(action, trigger)]
    },
    FaultRecipe(.deviceSlow) { draw in
      guard let node = draw.pick(draw.ground.endpoints), let link = draw.ground.topology.linkAbove(node)
      else { return [] }
      let action = delay(draw.time(50, 5_000))
      let trigger = FaultTrigger(
        link: link.name, sender: node, match: .tlp(.completionWithData), selection: draw.every(4),
        after: draw.after, times: draw.times(16))
      return [FaultRule(action, trigger)]
    },
    FaultRecipe(.starvation) { draw in
      guard let link = draw.link(), let credits = draw.pick(CreditKind.allCases) else { return [] }
      let from = draw.end(of: link)
      let trigger = FaultTrigger(
        link: link.name, sender: from, after: draw.beginning(on: link), duration: draw.time(100, 200_000))
      return [FaultRule(.starve(credits), trigger)]
    },
    FaultRecipe(.completionSplit) { draw in
      guard let node = draw.pick(draw.ground.endpoints + [draw.ground.root]),
        let size = draw.pick([64, 128, 256] as [UInt64])
      else { return [] }
      let trigger = FaultTrigger(
        match: .tlp(.memoryRead), selection: draw.every(3), after: draw.after, times: draw.times(16))
      return [
        FaultRule(.complete(FaultCompletion(node: node, status: .successful, split: size...size)), trigger)
      ]
    },
    FaultRecipe(.interruptDelayed) { draw in
      guard let raised = draw.pick(draw.raised), let link = draw.ground.topology.linkAbove(raised.node)
      else { return [] }
      let trigger = FaultTrigger(
        link: link.name, sender: raised.node, match: .msix(vector: raised.vector), selection: .nth(1),
        after: draw.after)
      return [FaultRule(delay(draw.time(100, 100_000)), trigger)]
    },
    FaultRecipe(.deviceHangs) { draw in
      guard let node = draw.pick(draw.ground.endpoints) else { return [] }
      let trigger = FaultTrigger(after: .time(draw.moment()), duration: draw.time(1_000, 200_000))
      return [FaultRule(.hang(node: node), trigger)]
    },
    FaultRecipe(.linkRetrain) { draw in retrain(&draw, comesBack: true) },
    FaultRecipe(.linkDegraded) { draw in retrain(&draw, comesBack: false) },
    // The pair of reads that it needs is drawn by whoever draws the scenario.
    FaultRecipe(.requestsReordered) { _ in [] },
  ]

  private static func delay(_ time: TimeSpan) -> FaultRule.Action { .delay(.time(time, time)) }

  /// Trains a link to a lower width and, for a retrain, back again.
  private static func retrain(_ draw: inout ScheduleDraw, comesBack: Bool) -> [FaultRule] {
    guard let link = draw.pick(draw.ground.links.filter { $0.width > 1 }) else { return [] }
    let first = (draw.start?.nanoseconds ?? 0) + 100 + UInt64(draw.below(draw.steps * 400))
    func train(_ width: Int, _ nanoseconds: UInt64) -> FaultRule {
      FaultRule(
        .perform(Step(.link(.init(link: link.name, state: .up, width: width)))),
        FaultTrigger(after: .time(.nanoseconds(nanoseconds))))
    }
    guard comesBack else { return [train(1, first)] }
    return [train(1, first), train(link.width, first + 1_000 + UInt64(draw.below(20_000)))]
  }

  /// Below Ack and Nak: the data link layer makes good for all of it.
  private static let dataLink: [FaultRecipe] = [
    frame(.badLCRC, .corrupt(.lcrc, value: nil)), frame(.sequenceRepeated, .duplicate),
    frame(.sequenceSkipped, .corrupt(.sequence, value: nil)), frame(.frameLost, .drop),
    frame(.singleNak, .complete(FaultCompletion(node: nil, status: .nak))),
    FaultRecipe(.nakStorm) { draw in
      guard let link = draw.link() else { return [] }
      let trigger = FaultTrigger(
        link: link.name, sender: draw.end(of: link), layer: .dataLink, match: .tlp(.any),
        selection: .every(1), times: 4)
      return [FaultRule(.complete(FaultCompletion(node: nil, status: .nak)), trigger)]
    },
    dllp(.ackLost, .drop, .ack), dllp(.badDLLP, .corrupt(.lcrc, value: nil), .ack),
    dllp(.unknownDLLP, .corrupt(.type, value: nil), .ack),
    dllp(.badUpdate, .corrupt(.lcrc, value: nil), .updateFC), dllp(.dllpRepeated, .duplicate, .ack),
  ]

  private static func frame(_ id: FaultID, _ action: FaultRule.Action) -> FaultRecipe {
    FaultRecipe(id) { draw in
      guard let link = draw.link() else { return [] }
      let from = draw.end(of: link)
      var trigger = FaultTrigger(
        link: link.name, sender: from, layer: .dataLink, match: .tlp(.any), selection: draw.nth())
      // A Nak in place of an Ack has no start of its own.
      if case .complete = action {} else { trigger.after = draw.after }
      return [FaultRule(action, trigger)]
    }
  }

  private static func dllp(_ id: FaultID, _ action: FaultRule.Action, _ word: DLLPWord) -> FaultRecipe {
    FaultRecipe(id) { draw in
      guard let link = draw.link() else { return [] }
      let from = draw.end(of: link)
      let trigger = FaultTrigger(
        link: link.name, sender: from, layer: .dataLink, match: .dllp(word), selection: draw.nth(),
        after: draw.after)
      return [FaultRule(action, trigger)]
    }
  }

  /// What a request that goes wrong may lead to elsewhere.
  private static let lost: Set<Violation> = [.completionTimeout, .unexpectedCompletion]

  private static let completions: [FaultRecipe] = [
    passing(.completionTimeout, .drop, .completionWithData, harm: .status),
    passing(.completionRepeated, .duplicate, .completionWithData, harm: .status),
    passing(.poisonedCompletion, .poison, .completionWithData, harm: .status),
    passing(.requestLost, .drop, .memoryRead, harm: .status),
    passing(.requestRepeated, .duplicate, .memoryRead, harm: .status),
    answer(.unsupportedRequest, .unsupportedRequest), answer(.completerAbort, .completerAbort),
  ]

  /// A rule against one TLP on a link, from either end.
  private static func passing(
    _ id: FaultID, _ action: FaultRule.Action, _ word: TLPWord, harm: ScenarioRules.Harm,
    downstreamOnly: Bool = false
  ) -> FaultRecipe {
    FaultRecipe(id, harm: harm, besides: lost) { draw in
      guard let link = draw.link() else { return [] }
      let from = downstreamOnly ? link.upstream : draw.end(of: link)
      let trigger = FaultTrigger(
        link: link.name, sender: from, match: .tlp(word), selection: draw.nth(), after: draw.after)
      return [FaultRule(action, trigger)]
    }
  }

  private static func answer(_ id: FaultID, _ status: FaultStatus) -> FaultRecipe {
    FaultRecipe(id, harm: .status, besides: lost) { draw in
      guard let node = draw.pick(draw.ground.endpoints) else { return [] }
      let trigger = FaultTrigger(match: .tlp(.memoryRead), selection: draw.nth(), after: draw.after)
      return [FaultRule(.complete(FaultCompletion(node: node, status: status)), trigger)]
    }
  }

  /// Writes towards functions; those towards the host carry interrupts as well.
  private static let transactions: [FaultRecipe] = [
    passing(.postedLost, .drop, .memoryWrite, harm: .data, downstreamOnly: true),
    passing(.postedRepeated, .duplicate, .memoryWrite, harm: .data, downstreamOnly: true),
    passing(.poisonedWrite, .poison, .memoryWrite, harm: .data, downstreamOnly: true),
    passing(
      .payloadChanged, .corrupt(.payload, value: nil), .memoryWrite, harm: .data, downstreamOnly: true),
  ]

  private static let interrupts = [
    interrupt(.interruptLost, .drop), interrupt(.interruptRepeated, .duplicate),
  ]

  private static func interrupt(_ id: FaultID, _ action: FaultRule.Action) -> FaultRecipe {
    FaultRecipe(id, losesInterrupts: true) { draw in
      guard let raised = draw.pick(draw.raised), let link = draw.ground.topology.linkAbove(raised.node)
      else { return [] }
      let trigger = FaultTrigger(
        link: link.name, sender: raised.node, match: .msix(vector: raised.vector), selection: .nth(1),
        after: draw.after)
      return [FaultRule(action, trigger)]
    }
  }

  private static let links: [FaultRecipe] = [
    FaultRecipe(
      .linkDown, harm: .function, losesInterrupts: true,
      besides: lost.union([.surpriseDown, .unsupportedRequest])
    ) { draw in
      guard let link = draw.link() else { return [] }
      let trigger = FaultTrigger(
        link: link.name, after: .time(draw.moment()), duration: draw.time(1_000, 200_000))
      return [FaultRule(.linkDown, trigger)]
    },
    FaultRecipe(
      .hotReset, harm: .function, losesInterrupts: true, besides: lost.union([.unsupportedRequest])
    ) { draw in
      // Below a switch the reset needs configuration access to its port, which other faults may cut off.
      guard let link = draw.pick(draw.ground.links.filter { $0.upstream == draw.ground.root }) else {
        return []
      }
      let trigger = FaultTrigger(after: .time(draw.moment()))
      return [FaultRule(.perform(Step(.reset(.hot(link: link.name)))), trigger)]
    },
  ]
}
