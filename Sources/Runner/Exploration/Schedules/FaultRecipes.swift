// tidy: table

import PCIe
import SuiteLanguage

/// The kinds of fault that exploration can write.
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
      guard let link = draw.link(), let word = draw.pick(["MWr", "MRd", "CplD", "any"]) else { return [] }
      let from = draw.end(of: link)
      return [
        "delay: {link: \(link.name), from: \(from), tlp: \(word), by: \(draw.time(50, 50_000)), "
          + "\(draw.nth())\(draw.suffix)}"
      ]
    },
    FaultRecipe(.deviceSlow) { draw in
      guard let node = draw.pick(draw.ground.endpoints), let link = draw.ground.topology.linkAbove(node)
      else { return [] }
      return [
        "delay: {link: \(link.name), from: \(node), tlp: CplD, by: \(draw.time(50, 5_000)), "
          + "every: \(1 + draw.below(4)), times: \(1 + draw.below(16))\(draw.suffix)}"
      ]
    },
    FaultRecipe(.starvation) { draw in
      guard let link = draw.link(), let credits = draw.pick(CreditKind.allCases) else { return [] }
      let from = draw.end(of: link)
      return [
        "starve: {link: \(link.name), from: \(from), credits: \(credits.rawValue), "
          + "after: \(draw.beginning(on: link)), for: \(draw.time(100, 200_000))}"
      ]
    },
    FaultRecipe(.completionSplit) { draw in
      guard let node = draw.pick(draw.ground.endpoints + [draw.ground.root]),
        let size = draw.pick([64, 128, 256])
      else { return [] }
      return [
        "complete: {node: \(node), tlp: MRd, status: SC, split: \(size)B, every: \(1 + draw.below(3)), "
          + "times: \(1 + draw.below(16))\(draw.suffix)}"
      ]
    },
    FaultRecipe(.interruptDelayed) { draw in
      guard let raised = draw.pick(draw.raised), let link = draw.ground.topology.linkAbove(raised.node)
      else { return [] }
      return [
        "delay: {link: \(link.name), from: \(raised.node), msix: \(raised.vector), "
          + "by: \(draw.time(100, 100_000)), nth: 1\(draw.suffix)}"
      ]
    },
    FaultRecipe(.linkRetrain) { draw in retrain(&draw, comesBack: true) },
    FaultRecipe(.linkDegraded) { draw in retrain(&draw, comesBack: false) },
    // The pair of reads that it needs is written by whoever writes the scenario.
    FaultRecipe(.requestsReordered) { _ in [] },
  ]

  /// Trains a link to a lower width and, for a retrain, back again.
  private static func retrain(_ draw: inout ScheduleDraw, comesBack: Bool) -> [String] {
    guard let link = draw.pick(draw.ground.links.filter { $0.width > 1 }) else { return [] }
    let first = (draw.start?.nanoseconds ?? 0) + 100 + UInt64(draw.below(draw.steps * 400))
    var rules = ["do: {after: \(first)ns, step: {link: {link: \(link.name), state: up, width: 1}}}"]
    if comesBack {
      let second = first + 1_000 + UInt64(draw.below(20_000))
      rules.append(
        "do: {after: \(second)ns, step: {link: {link: \(link.name), state: up, width: \(link.width)}}}")
    }
    return rules
  }

  /// Below Ack and Nak: the data link layer makes good for all of it.
  private static let dataLink: [FaultRecipe] = [
    frame(.badLCRC, "corrupt", ", field: lcrc"), frame(.sequenceRepeated, "duplicate", ""),
    frame(.sequenceSkipped, "corrupt", ", field: sequence"), frame(.frameLost, "drop", ""),
    frame(.singleNak, "complete", ", status: Nak"),
    FaultRecipe(.ackLost) { draw in dllp("drop", "Ack", "", &draw) },
    FaultRecipe(.badDLLP) { draw in dllp("corrupt", "Ack", ", field: lcrc", &draw) },
    FaultRecipe(.unknownDLLP) { draw in dllp("corrupt", "Ack", ", field: type", &draw) },
    FaultRecipe(.badUpdate) { draw in dllp("corrupt", "UpdateFC", ", field: lcrc", &draw) },
    FaultRecipe(.dllpRepeated) { draw in dllp("duplicate", "Ack", "", &draw) },
  ]

  private static func frame(_ id: FaultID, _ verb: String, _ own: String) -> FaultRecipe {
    FaultRecipe(id) { draw in
      guard let link = draw.link() else { return [] }
      let from = draw.end(of: link)
      return [
        "\(verb): {link: \(link.name), from: \(from), layer: data-link, tlp: any, "
          + "\(draw.nth())\(own)\(verb == "complete" ? "" : draw.suffix)}"
      ]
    }
  }

  private static func dllp(
    _ verb: String, _ word: String, _ own: String, _ draw: inout ScheduleDraw
  ) -> [String] {
    guard let link = draw.link() else { return [] }
    let from = draw.end(of: link)
    return [
      "\(verb): {link: \(link.name), from: \(from), dllp: \(word), \(draw.nth())\(own)\(draw.suffix)}"
    ]
  }

  /// What a request that goes wrong may lead to elsewhere.
  private static let lost: Set<Violation> = [.completionTimeout, .unexpectedCompletion]

  private static let completions: [FaultRecipe] = [
    passing(.completionTimeout, "drop", "CplD", harm: .status),
    passing(.completionRepeated, "duplicate", "CplD", harm: .status),
    passing(.poisonedCompletion, "poison", "CplD", harm: .status),
    passing(.requestLost, "drop", "MRd", harm: .status),
    passing(.requestRepeated, "duplicate", "MRd", harm: .status),
    answer(.unsupportedRequest, "UR"), answer(.completerAbort, "CA"),
  ]

  /// A rule against one TLP on a link, from either end.
  private static func passing(
    _ id: FaultID, _ verb: String, _ word: String, harm: ScenarioRules.Harm, _ own: String = "",
    downstreamOnly: Bool = false
  ) -> FaultRecipe {
    FaultRecipe(id, harm: harm, besides: lost) { draw in
      guard let link = draw.link() else { return [] }
      let from = downstreamOnly ? link.upstream : draw.end(of: link)
      return [
        "\(verb): {link: \(link.name), from: \(from), tlp: \(word), \(draw.nth())\(own)\(draw.suffix)}"
      ]
    }
  }

  private static func answer(_ id: FaultID, _ status: String) -> FaultRecipe {
    FaultRecipe(id, harm: .status, besides: lost) { draw in
      guard let node = draw.pick(draw.ground.endpoints) else { return [] }
      return ["complete: {node: \(node), tlp: MRd, status: \(status), \(draw.nth())\(draw.suffix)}"]
    }
  }

  /// Writes towards functions; those towards the host carry interrupts as well.
  private static let transactions: [FaultRecipe] = [
    passing(.postedLost, "drop", "MWr", harm: .data, downstreamOnly: true),
    passing(.postedRepeated, "duplicate", "MWr", harm: .data, downstreamOnly: true),
    passing(.poisonedWrite, "poison", "MWr", harm: .data, downstreamOnly: true),
    passing(.payloadChanged, "corrupt", "MWr", harm: .data, ", field: payload", downstreamOnly: true),
  ]

  private static let interrupts: [FaultRecipe] = []

  private static let links: [FaultRecipe] = [
    FaultRecipe(
      .linkDown, harm: .function, losesInterrupts: true,
      besides: lost.union([.surpriseDown, .unsupportedRequest])
    ) { draw in
      guard let link = draw.link() else { return [] }
      return [
        "link_down: {link: \(link.name), after: \(draw.moment()), for: \(draw.time(1_000, 200_000))}"
      ]
    }
  ]
}
