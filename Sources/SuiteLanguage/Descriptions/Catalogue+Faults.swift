// tidy: table

extension Catalogue {
  private static let link = FieldDescription("link", .scalar(.name), "the link")
  private static let from = FieldDescription("from", node, "only what this end of the link sends")
  private static let after = FieldDescription(
    "after", .scalarOrObject(.duration, .after),
    "when it begins: time since the first step, or a number of TLPs")
  private static let lasting = FieldDescription(
    "for", .scalar(.duration), "how long it lasts, or the rule stays armed")
  private static let matching: [FieldDescription] = [
    FieldDescription("tlp", .choice("TLP", TLPWord.allCases.map(\.rawValue)), "which TLPs match"),
    FieldDescription(
      "dllp", .choice("DLLP", DLLPWord.allCases.map(\.rawValue)),
      "which DLLPs match; implies layer: data-link"),
    FieldDescription("msix", .scalar(.count), "the interrupt of that vector, whatever carries it"),
    FieldDescription(
      "layer", .choice("layer", FaultLayer.allCases.map(\.rawValue)),
      "transaction, above Ack and Nak (without it), or data-link, below"),
  ]
  /// What a TLP must look like besides.
  private static let filtering: [FieldDescription] = [
    FieldDescription("address", .scalar(.addresses), "only requests that touch these addresses"),
    FieldDescription("length", .scalar(.sizeRange), "only TLPs that ask for or carry so much"),
    FieldDescription("requester", node, "only requests of this node, and completions of them"),
  ]
  private static let filteringTag = FieldDescription("tag", .scalar(.hex), "only TLPs with this tag")
  private static let expecting = FieldDescription(
    "expect", .map("node", .name, .list(.choice("violation", violationNames))),
    "what nodes must show instead of what the catalogue says; nothing for an empty list")
  private static let selecting: [FieldDescription] = [
    FieldDescription("nth", .scalar(.count), "the match of that number only"),
    FieldDescription("every", .scalar(.count), "each so many matches"),
    FieldDescription("probability", .scalar(.share), "each match, drawn from the rule's own generator"),
    FieldDescription("times", .scalar(.count), "at most so often"),
  ]
  private static let oneMatch = GroupDescription(keys: ["tlp", "dllp", "msix"], isRequired: true)
  private static let oneSelection = GroupDescription(keys: ["nth", "every", "probability"], isRequired: true)

  /// A verb that acts on what passes a link.
  private static func passing(
    _ id: ObjectID, _ help: String, _ own: [FieldDescription] = [], groups: [GroupDescription] = []
  ) -> ObjectDescription {
    var link = link
    link.isRequired = true
    return ObjectDescription(
      id, help,
      [link, from] + matching + filtering + [filteringTag] + own + selecting + [after, lasting, expecting],
      groups: [oneMatch, oneSelection] + groups)
  }

  /// A verb that puts a link or node into a condition.
  private static func condition(_ id: ObjectID, _ help: String, _ own: [FieldDescription])
    -> ObjectDescription
  {
    var after = after
    after.isRequired = true
    return ObjectDescription(id, help, own + [after, lasting, expecting])
  }

  /// The fault, its eleven verbs and what they are made of.
  static let faults: [ObjectDescription] =
    [
      ObjectDescription(
        .fault, "One fault: exactly one verb.",
        FaultVerb.allCases.map { verb in
          FieldDescription(verb.rawValue, .object(verb.objectID), verb.help)
        }, isSingle: true)
    ] + faultVerbs

  /// One sentence about a fault verb.
  fileprivate static func faultHelp(_ verb: FaultVerb) -> String {
    faultVerbs.first { $0.id == verb.objectID }?.help ?? ""
  }

  private static let faultVerbs: [ObjectDescription] = [
    passing(.drop, "Loses a TLP, DLLP or interrupt."),
    passing(
      .delay, "Holds a TLP back; what is behind it waits too.",
      [
        FieldDescription("by", .scalar(.durationRange), "how long, fixed or drawn for each match"),
        FieldDescription(
          "behind",
          .choice(
            "thing to wait for", ["msix", "same-request", "other-request"] + TLPWord.allCases.map(\.rawValue)),
          "instead of by: until something younger has passed"),
      ], groups: [GroupDescription(keys: ["by", "behind"], isRequired: true)]),
    passing(.duplicate, "Sends a TLP, DLLP or interrupt twice."),
    passing(
      .corrupt, "Changes a field.",
      [
        FieldDescription(
          "field", .choice("field", CorruptField.allCases.map(\.rawValue)), required: true,
          "the field to change"),
        FieldDescription("value", .scalar(.hex), "the new value; drawn from the seed without it"),
      ]),
    passing(.poison, "Sets the EP bit of a TLP with data."),
    ObjectDescription(
      .complete, "Answers in place of the completer.",
      [
        FieldDescription("node", node, "the completer whose answer is replaced"),
        FieldDescription("link", .scalar(.name), "instead of node: the link whose receiver answers with Nak"),
        FieldDescription("to", node, "the requester of a completion nobody asked for"),
        FieldDescription("tag", .scalar(.hex), "the tag of a completion nobody asked for"), from,
      ] + matching.filter { $0.name == "tlp" || $0.name == "layer" } + filtering + [
        FieldDescription(
          "status", .choice("status", FaultStatus.allCases.map(\.rawValue)), required: true,
          "how the request ends"),
        FieldDescription("split", .scalar(.sizeRange), "with status SC: the sizes of the pieces"),
      ] + selecting + [after, lasting, expecting],
      forms: [
        FormDescription(
          key: "node",
          optional: [
            "tlp", "to", "tag", "split", "from", "nth", "every", "probability", "times", "address", "length",
            "requester",
          ]),
        FormDescription(
          key: "link", required: ["tlp", "layer"],
          optional: [
            "from", "nth", "every", "probability", "times", "address", "length", "requester",
          ],
          fixed: ["layer": "data-link", "status": "Nak"]),
      ],
      groups: [
        GroupDescription(keys: ["tlp", "tag"], isRequired: true),
        GroupDescription(keys: ["nth", "every", "probability"], isRequired: false),
      ]),
    condition(
      .starve, "Holds credits of a link at zero.",
      [
        FieldDescription("link", .scalar(.name), required: true, "the link"),
        FieldDescription("from", node, "the sender that starves; both without it"),
        FieldDescription(
          "credits", .choice("kind of credits", CreditKind.allCases.map(\.rawValue)), required: true,
          "which credits"),
      ]),
    condition(
      .linkDown, "Takes a link down.", [FieldDescription("link", .scalar(.name), required: true, "the link")]),
    ObjectDescription(
      .kill, "Kills a node's process; a built-in model is cut off.",
      [
        FieldDescription("node", node, required: true, "the node"),
        FieldDescription("after", after.shape, required: true, after.help), expecting,
      ]),
    condition(
      .hang, "Makes a node stop answering.", [FieldDescription("node", node, required: true, "the node")]),
    ObjectDescription(
      .do, "Performs one step when the trigger fires: what software does at the worst moment.",
      [
        FieldDescription("after", after.shape, required: true, after.help),
        FieldDescription(
          "step", .object(.step), required: true,
          "the step: one of \(FaultVerb.steps.map(\.rawValue).joined(separator: ", "))"),
        expecting,
      ]),
    ObjectDescription(
      .after, "A moment that depends on what happened.",
      [
        FieldDescription("tlp", .choice("TLP", TLPWord.allCases.map(\.rawValue)), "which TLPs count"),
        FieldDescription("count", .scalar(.count), "after so many"),
        FieldDescription("link", .scalar(.name), "where they pass, for verbs that name no link"),
        FieldDescription("from", node, "only what this end of the link sends"),
        FieldDescription("console", node, "instead of tlp: a node whose console shows a line"),
        FieldDescription("matches", .scalar(.pattern), "searched within the line"),
      ],
      forms: [
        FormDescription(key: "tlp", required: ["count"], optional: ["link", "from"]),
        FormDescription(key: "console", required: ["matches"]),
      ]),
  ]
}

extension FaultVerb {
  /// The verbs that `do` may perform.
  static let steps: [Verb] = [.reset, .configurationWrite, .memoryWrite, .msix, .link, .start, .stop]

  /// The description of the fault's fields.
  var objectID: ObjectID {
    guard let id = ObjectID(rawValue: rawValue) else {
      preconditionFailure("no object for fault \(rawValue)")
    }
    return id
  }

  /// One sentence for help and documentation.
  public var help: String { Catalogue.faultHelp(self) }
}
