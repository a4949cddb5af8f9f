// tidy: table
import PCIe
import RevereInterface

extension Catalogue {
  static let violationNames = Violation.allCases.map(\.rawValue)
  static let node = Shape.scalar(.name)
  private static let statuses = Shape.choice("status", ExpectedStatus.allCases.map(\.rawValue))
  private static let timeout = FieldDescription(
    "timeout", .scalar(.duration), "time for the step; without it what is left of the case")
  private static let save = FieldDescription(
    "save", .scalar(.name), "keeps what was sent under this name for {saved: NAME} and {inverted: NAME}")
  private static let requester = FieldDescription("by", node, required: true, "the requester")
  private static let offset = FieldDescription("offset", .scalar(.hex), "where in the BAR")
  private static let address = FieldDescription("address", .scalar(.hex), "a bus address instead of a BAR")
  private static let accessSize = FieldDescription(
    "size", .choice("access size", ["1", "2", "4"]), required: true, "bytes: 1, 2 or 4")
  private static let function = FieldDescription(
    "to", .scalar(.function), required: true,
    "the function: NODE (an endpoint, or a switch's upstream port), NODE.LINK (the root port or downstream port of "
      + "that link), or an address such as 01:00.0")
  private static let capability = FieldDescription(
    "capability", .choice("capability", CapabilityName.allCases.map(\.rawValue)),
    "what offset counts from, wherever the function keeps it; the start of the space without it")
  private static let registerOffset = FieldDescription(
    "offset", .scalar(.hex), required: true, "the register, below 0x1000 and aligned to the size")
  private static let data = FieldDescription("data", .object(.data), required: true, "what is written")
  private static let messageData = FieldDescription(
    "data", .object(.data), "one message, sent again and again, or all of them one behind the other")
  private static let expectRead = FieldDescription("expect", .object(.readExpectation), "what must come back")

  /// The verbs, in the order of the reference.
  static let verbs: [ObjectDescription] = [
    ObjectDescription(
      .configurationRead, "Reads a configuration register.",
      [requester, function, capability, registerOffset, accessSize, timeout, expectRead]),
    ObjectDescription(
      .configurationWrite, "Writes a configuration register.",
      [
        requester, function, capability, registerOffset, accessSize, data, timeout,
        FieldDescription("expect", .object(.writeExpectation), "how the write must end"),
      ]),
    ObjectDescription(
      .memoryRead, "Reads memory of a function, or at a bus address.",
      [
        requester,
        FieldDescription(
          "from", .scalar(.region),
          "the region: NODE.bar0 to bar5, NODE.msix_table, NODE.msix_pba, or 00:02.0.bar0"),
        offset, address,
        FieldDescription("length", .scalar(.size), required: true, "how much"), timeout,
        FieldDescription(
          "save", .scalar(.name), "keeps what has come under this name for {saved: NAME} and {inverted: NAME}"
        ),
        expectRead,
      ],
      forms: [FormDescription(key: "from", required: ["offset"]), FormDescription(key: "address")]),
    ObjectDescription(
      .memoryWrite, "Writes memory of a function, or at a bus address, by posted writes.",
      [
        requester,
        FieldDescription(
          "to", .scalar(.region),
          "the region: NODE.bar0 to bar5, NODE.msix_table, NODE.msix_pba, or 00:02.0.bar0"),
        offset, address, data, save,
      ],
      forms: [FormDescription(key: "to", required: ["offset"]), FormDescription(key: "address")]),
    ObjectDescription(
      .dmaRead, "Makes an endpoint read host memory.",
      [
        requester, FieldDescription("address", .scalar(.hex), required: true, "the address in host memory"),
        FieldDescription("length", .scalar(.size), required: true, "how much"), timeout, expectRead,
      ]),
    ObjectDescription(
      .dmaWrite, "Makes an endpoint write host memory.",
      [
        requester, FieldDescription("address", .scalar(.hex), required: true, "the address in host memory"),
        data, save,
      ]),
    ObjectDescription(
      .msix, "Makes an endpoint raise an MSI-X vector.",
      [
        FieldDescription("by", node, required: true, "the endpoint"),
        FieldDescription("vector", .scalar(.count), required: true, "the vector, from 0"),
      ]),
    ObjectDescription(
      .wait, "Waits until something happens; what happened before the step counts once.",
      [
        FieldDescription("console", node, "a node whose console shows a line"),
        FieldDescription("matches", .scalar(.pattern), "searched within the line"),
        FieldDescription("msix", .scalar(.count), "an MSI-X vector"),
        FieldDescription("msi", .scalar(.count), "an MSI vector"),
        FieldDescription(
          "intx", .choice("interrupt pin", InterruptPin.allCases.map(\.rawValue)), "an INTx assertion"),
        FieldDescription("at", node, "the root complex at which the interrupt arrives"),
        FieldDescription(
          "from", .scalar(.function),
          "the endpoint that raises it, or the root complex for its ports' errors; any without it"),
        FieldDescription("link", .scalar(.name), "a link that changes its state"),
        FieldDescription("state", .choice("link state", LinkState.allCases.map(\.rawValue)), "the state"),
        FieldDescription(
          "tests", node,
          "a node whose program tells of its tests: the step ends with them, and fails with any"),
        FieldDescription(
          "form", .choice("form of tests", TestForm.allCases.map(\.rawValue)), "how it tells of them"),
        FieldDescription("exit", node, "a node whose process ends, in any way without status or signal"),
        FieldDescription("status", .scalar(.count), "the status, 0 to 255, that it must end with"),
        FieldDescription(
          "signal", .choice("signal", StopSignal.allCases.map(\.rawValue)), "the signal that must end it"),
        timeout,
      ],
      forms: [
        FormDescription(key: "console", required: ["matches"]),
        FormDescription(key: "msix", required: ["at"], optional: ["from"]),
        FormDescription(key: "msi", required: ["at"], optional: ["from"]),
        FormDescription(key: "intx", required: ["at"], optional: ["from"]),
        FormDescription(key: "link", required: ["state"]),
        FormDescription(key: "tests", required: ["form"]),
        FormDescription(key: "exit", optional: ["status", "signal"]),
      ]),
    ObjectDescription(
      .send, "Sends a line to a node's console.",
      [
        FieldDescription("to", node, required: true, "the node"),
        FieldDescription("line", .scalar(.text), required: true, "the line, without its line feed"),
      ]),
    ObjectDescription(
      .expect, "Checks, at once, what no step reads.",
      [
        FieldDescription("console", node, "a node with a console"),
        FieldDescription("matches", .scalar(.pattern), "must be found in a line so far"),
        FieldDescription(
          "lacks", .scalar(.pattern),
          "must not be found in any line so far; with aer, the error whose bit must be clear"),
        FieldDescription("counter", .scalar(.counter), "a counter, LINK.name or NODE.name"),
        FieldDescription("equals", .scalar(.count), "the value"),
        FieldDescription("at_least", .scalar(.count), "the least value"),
        FieldDescription("at_most", .scalar(.count), "the greatest value"),
        FieldDescription(
          "aer", .scalar(.function),
          "a node or port whose error registers are read, by configuration requests as software does"),
        FieldDescription(
          "has", .choice("violation", violationNames + ErrorRegisterBit.messageWords.map(\.word)),
          "the error whose bit must be set; err-cor, err-nonfatal and err-fatal are messages that a root port got"
        ),
        FieldDescription(
          "source", .scalar(.function),
          "the node or port that the root port must have kept as the source of the message"),
      ],
      forms: [
        FormDescription(key: "console", oneOf: ["matches", "lacks"]),
        FormDescription(key: "counter", oneOf: ["equals", "at_least", "at_most"]),
        FormDescription(key: "aer", optional: ["source"], oneOf: ["has", "lacks"]),
      ]),
    ObjectDescription(
      .linkStep, "Brings a link down or up, or trains it anew.",
      [
        FieldDescription("link", .scalar(.name), required: true, "the link"),
        FieldDescription(
          "state", .choice("link state", LinkState.allCases.map(\.rawValue)), required: true,
          "the state to reach"),
        FieldDescription(
          "speed", .choice("link speed", LinkSpeed.suiteTexts),
          "the speed to train to, at most the link's"),
        FieldDescription(
          "width", .choice("link width", ["1", "2", "4", "8", "16"]), "the lanes to train, at most the link's"
        ),
      ]),
    ObjectDescription(
      .reset, "Resets what is below a link, or one function.",
      [
        FieldDescription("link", .scalar(.name), "the link, for a secondary bus reset"),
        FieldDescription("node", node, "the endpoint, for a function-level reset"),
        FieldDescription(
          "kind", .choice("kind of reset", ["hot", "flr"]), required: true, "hot with link, flr with node"),
      ],
      forms: [
        FormDescription(key: "link", required: ["kind"], fixed: ["kind": "hot"]),
        FormDescription(key: "node", required: ["kind"], fixed: ["kind": "flr"]),
      ]),
    ObjectDescription(
      .translate,
      "Sets what the root complex translates addresses of requests to, and has functions forget it.",
      [
        FieldDescription("at", node, required: true, "the root complex, a model"),
        FieldDescription(
          "address", .scalar(.hex), required: true, "where the pages begin, a multiple of their length"),
        FieldDescription(
          "length", .scalar(.size), "4KiB times a power of two, to 64MiB (4KiB without it)"),
        FieldDescription(
          "to", .scalar(.hex),
          "where they lie in host memory, a multiple of 4KiB; where they begin without it, as at first"),
        FieldDescription(
          "access", .choice("access", TranslatedAccess.allCases.map(\.rawValue)),
          "what requests from below may do there (read-write without it)"),
        FieldDescription(
          "invalidate", .scalar(.function),
          "the function that is told to forget what it knows of the pages; the step ends when it has"),
        timeout,
      ]),
    ObjectDescription(
      .start, "Starts a node that is down.", [FieldDescription("node", node, required: true, "the node")]),
    ObjectDescription(
      .stop, "Stops a node as its board says.", [FieldDescription("node", node, required: true, "the node")]),
    ObjectDescription(
      .amu, "Sends a management command to a Revere-AMU, or waits for what it tells of itself.",
      [
        FieldDescription("node", node, required: true, "the AMU"),
        FieldDescription("function", .scalar(.count), amuFunction),
        FieldDescription(
          "command", .choice("management command", RevereInterface.commands.map(\.name)), "the command"),
        FieldDescription(
          "args", .map("command field", .name, .scalar(.integer)), "fields of the command, in lower case"),
        FieldDescription(
          "rests_in", .choice("error state", InterfaceErrorState.words),
          "the error state that the command must bring instead of a response; the step then ends it"),
        FieldDescription(
          "exception", .choice("exception", RevereInterface.exceptions.map(\.name)),
          "the exception that must come next"),
        FieldDescription("trace", .scalar(.count), "the session that the next trace record must be of"),
        FieldDescription(
          "error_state", .choice("error state", InterfaceErrorState.words),
          "the error state that the function must come to; the step then ends it"),
        FieldDescription(
          "expect", .map("response field", .name, .scalar(.fieldValue)),
          "fields of the response, exception or trace record to compare; status 0 unless named"),
      ],
      forms: [
        FormDescription(key: "command", optional: ["args", "expect", "rests_in"]),
        FormDescription(key: "exception", optional: ["expect"]),
        FormDescription(key: "trace", optional: ["expect"]), FormDescription(key: "error_state"),
      ], groups: [GroupDescription(keys: ["expect", "rests_in"], isRequired: false)]),
    ObjectDescription(
      .amsSend, "Puts messages into a TX ring.",
      [
        FieldDescription("node", node, required: true, "the AMU"),
        FieldDescription("function", .scalar(.count), amuFunction),
        FieldDescription("ami", .scalar(.name), required: true, "the function's context: sw0, sw1, …"),
        FieldDescription("ams", .scalar(.count), required: true, "the socket"),
        FieldDescription(
          "messages", .scalar(.count), required: true,
          "how many"), messageData,
        FieldDescription("buffers", .object(.buffers), "the buffers that the messages refer to"), save,
        FieldDescription(
          "expect", .object(.acceptExpectation),
          "how many the ring must take at once; without it the step waits until it has taken all"),
      ], forms: [FormDescription(key: "data", optional: ["save"]), FormDescription(key: "buffers")]),
    ObjectDescription(
      .amsReceive, "Takes messages out of an RX ring.",
      [
        FieldDescription("node", node, required: true, "the AMU"),
        FieldDescription("function", .scalar(.count), amuFunction),
        FieldDescription("ami", .scalar(.name), required: true, "the function's context: sw0, sw1, …"),
        FieldDescription("ams", .scalar(.count), required: true, "the socket"),
        FieldDescription("messages", .scalar(.count), required: true, "how many must come"),
        FieldDescription("expect", .object(.receiveExpectation), "what they must hold"),
      ]),
    ObjectDescription(
      .repeat, "Performs steps several times.",
      [
        FieldDescription("times", .scalar(.count), required: true, "how often, 1 to 1000000"),
        FieldDescription("steps", steps, required: true, "the steps"),
      ]),
    ObjectDescription(
      .parallel, "Performs lists of steps side by side, and goes on when all are done.",
      [FieldDescription("branches", .list(steps), required: true, "the lists")]),
    ObjectDescription(
      .note, "Puts a line into report and capture.",
      [FieldDescription("text", .scalar(.text), required: true, "the line")]),
  ]

  private static let amuFunction = "the number of a virtual function; the physical one without it"

  /// The step, and what verbs are made of.
  static let verbParts: [ObjectDescription] = [
    ObjectDescription(
      .step, "One step: exactly one verb.",
      Verb.allCases.map { verb in
        FieldDescription(verb.rawValue, .object(verb.objectID), verb.help)
      }, isSingle: true),
    ObjectDescription(
      .data, "Where bytes come from.",
      [
        FieldDescription("bytes", .scalar(.bytes), "the bytes themselves"),
        FieldDescription("fill", .scalar(.hex), "one byte, repeated"),
        FieldDescription("length", .scalar(.size), "how often fill is repeated"),
        FieldDescription("count", .scalar(.size), "bytes that count up by one"),
        FieldDescription("start", .scalar(.hex), "where count begins (0x0 without it)"),
        FieldDescription("random", .scalar(.size), "bytes drawn from the case's seed"),
        FieldDescription("file", .scalar(.text), "the content of a file, seen from the suite"),
        FieldDescription("saved", .scalar(.name), "what an earlier step saved"),
        FieldDescription("inverted", .scalar(.name), "what an earlier step saved, each bit inverted"),
      ],
      forms: [
        FormDescription(key: "bytes"), FormDescription(key: "fill", required: ["length"]),
        FormDescription(key: "count", optional: ["start"]), FormDescription(key: "random"),
        FormDescription(key: "file"), FormDescription(key: "saved"), FormDescription(key: "inverted"),
      ]),
    ObjectDescription(
      .readExpectation, "What a read must give.",
      [
        FieldDescription("status", statuses, "how the request ends (SC without it)"),
        FieldDescription("data", .object(.data), "the bytes"),
        FieldDescription("mask", .scalar(.bytes), "the bits of data that are compared; all without it"),
      ]),
    ObjectDescription(
      .writeExpectation, "How a configuration write must end.",
      [FieldDescription("status", statuses, required: true, "how the request ends")]),
    ObjectDescription(
      .acceptExpectation, "What a ring must take.",
      [FieldDescription("accepted", .scalar(.count), required: true, "the number of messages")]),
    ObjectDescription(
      .receiveExpectation, "What messages must hold.",
      [
        FieldDescription("data", .object(.data), "the bytes"),
        FieldDescription(
          "result", .choice("result", BufferResult.allCases.map(\.rawValue)),
          "what the destination must hold of the source, as the library makes it on this CPU"),
        FieldDescription(
          "status", .choice("status of an answer", BufferStatus.allCases.map(\.rawValue)),
          "how the work on the buffers must end (done with result)"),
      ],
      groups: [
        GroupDescription(keys: ["data", "result"], isRequired: false),
        GroupDescription(keys: ["data", "status"], isRequired: false),
        GroupDescription(keys: ["result", "status"], isRequired: false),
      ]),
    ObjectDescription(
      .buffers, "Buffers in host memory, for each message the next ones.",
      [
        FieldDescription("source", .scalar(.hex), required: true, "where the first message's source stands"),
        FieldDescription(
          "destination", .scalar(.hex), required: true, "where the first message's result is to stand"),
        FieldDescription(
          "length", .scalar(.size), required: true, "of each source, and how far apart they are"),
        FieldDescription(
          "capacity", .scalar(.size), "of each destination, and how far apart they are; length without it"),
        FieldDescription(
          "options", .scalar(.hex),
          "dma: 0x1 inverts; compress and decompress: bit 0 means gzip, bits 7:4 are the level"),
      ]),
  ]
}

extension Verb {
  /// The description of the verb's fields.
  var objectID: ObjectID {
    if self == .link { return .linkStep }
    guard let id = ObjectID(rawValue: rawValue) else { preconditionFailure("no object for verb \(rawValue)") }
    return id
  }

  /// One sentence for help and documentation.
  public var help: String { Catalogue.verbs.first { $0.id == objectID }?.help ?? "" }
}
