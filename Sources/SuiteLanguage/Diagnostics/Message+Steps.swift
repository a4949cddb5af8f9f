import PCIe

extension Message {
  static func outOfBar(_ length: UInt64, _ offset: UInt64, _ region: String, _ size: UInt64) -> Message {
    Message(
      code: "suite.out-of-bar",
      text: "\(length) B at 0x\(String(offset, radix: 16)) end past \(region) (\(size) B)")
  }

  /// How to bring a transfer back into its BAR.
  static func boundsNote(_ used: [CaseInstance.Assignment], _ bar: BarDescription?) -> String? {
    let grow = bar.map { "grow \($0.name) (\($0.span.start))" }
    if used.isEmpty { return grow.map { "shorten the transfer, or \($0)" } }
    let partial = used.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    let exclude = "add {\(partial)} to exclude"
    return grow.map { "\(exclude), or \($0)" } ?? exclude
  }

  static func outOfHostMemory(_ length: UInt64, _ address: UInt64, _ root: String, _ memory: UInt64)
    -> Message
  {
    Message(
      code: "suite.out-of-memory",
      text:
        "\(length) B at 0x\(String(address, radix: 16)) end past the host memory of \(root) (\(memory) B)",
      notes: ["a case that means to leave it says allow: [unsupported-request]"])
  }

  static func addressWraps(_ address: UInt64, _ length: UInt64) -> Message {
    Message(
      code: "suite.range",
      text: "\(length) B at 0x\(String(address, radix: 16)) end past the last address of 64 bits")
  }

  static func transferSize(_ length: UInt64, limit: UInt64) -> Message {
    Message(
      code: "suite.range",
      text: "\(length) B in one step; the limit is \(SizeUnit.spell(limit)), so use repeat")
  }

  static func unsaved(_ name: String, _ known: [String]) -> Message {
    let so = known.isEmpty ? "nothing is saved before this step" : "saved before this step: \(listing(known))"
    return Message(code: "suite.unsaved", text: "nothing is saved as \(quoted(name)); \(so)")
  }

  static func statusWithoutData(_ status: ExpectedStatus) -> Message {
    Message(
      code: "suite.expectation", text: "a read that ends in \(status.rawValue) gives no data to compare")
  }

  static func dataLength(_ expected: UInt64, read: UInt64) -> Message {
    Message(code: "suite.data-length", text: "the expected data has \(expected) B, the read \(read) B")
  }

  static let maskWithoutData = Message(
    code: "suite.expectation", text: "'mask' needs 'data' to compare with")

  static func maskLength(_ count: Int, read: UInt64) -> Message {
    Message(code: "suite.data-length", text: "the mask has \(count) B, the read \(read) B")
  }

  static func registerData(_ length: UInt64, size: Int) -> Message {
    Message(code: "suite.data-length", text: "the data has \(length) B, the access size is \(size) B")
  }

  static func registerBeyond(_ offset: UInt64) -> Message {
    Message(
      code: "suite.register",
      text: "offset 0x\(String(offset, radix: 16)) is past the configuration space, which ends at 0xfff")
  }

  static func registerAlignment(_ offset: UInt64, size: Int) -> Message {
    Message(
      code: "suite.register",
      text: "offset 0x\(String(offset, radix: 16)) is not aligned to the access size of \(size) B")
  }

  static func nameAPort(_ root: String, _ ports: [String]) -> Message {
    Message(
      code: "suite.function",
      text: "'\(root)' has a function for each root port; name one of \(listing(ports))")
  }

  static func noPort(_ node: String, _ link: String, _ below: [String]) -> Message {
    let known = below.isEmpty ? "no link hangs below it" : "links below it: \(listing(below))"
    return Message(code: "suite.unknown-name", text: "'\(node)' has no port for \(quoted(link)); \(known)")
  }

  static func noRegions(_ node: NodeDescription) -> Message {
    Message(
      code: "suite.function",
      text: "'\(node.name)' is \(node.role.phrase) and has no BAR a step can address")
  }

  static func unknownRegion(_ word: String, _ node: NodeDescription) -> Message {
    let bars = node.function?.bars ?? []
    let upper = bars.first { $0.is64Bit && "bar\($0.index + 1)" == word }
    if let upper {
      return Message(
        code: "suite.unknown-name", text: "\(word) of '\(node.name)' is the upper half of \(upper.name)")
    }
    let names =
      bars.map(\.name)
      + (node.function.map { $0.msixVectors > 0 } ?? false ? ["msix_table", "msix_pba"] : [])
    let known = names.isEmpty ? "it has none" : "it has \(listing(names))"
    return Message(
      code: "suite.unknown-name", text: "'\(node.name)' has no region \(quoted(word)); \(known)")
  }

  static func ioRegion(_ node: String, _ bar: BarDescription) -> Message {
    Message(
      code: "suite.function",
      text: "\(bar.name) of '\(node)' is an I/O BAR, which memory requests cannot reach")
  }

  static func noMSIX(_ node: String) -> Message {
    Message(code: "suite.vector", text: "'\(node)' has no MSI-X; give it vectors with msix: COUNT")
  }

  static func noMSI(_ node: String) -> Message {
    Message(code: "suite.vector", text: "'\(node)' has no MSI; give it vectors with msi: COUNT")
  }

  static func vector(_ vector: UInt64, _ node: String, _ count: Int) -> Message {
    Message(
      code: "suite.vector", text: "vector \(vector) is past the MSI-X vectors of '\(node)', 0 to \(count - 1)"
    )
  }

  static func notDrivable(_ node: String) -> Message {
    Message(
      code: "suite.requester",
      text: "'\(node)' is played by a simulator, whose requests its own software sends; name a built-in model"
    )
  }

  static func needsModelRoot(_ what: String, _ root: String) -> Message {
    Message(
      code: "suite.requester",
      text: "\(what) needs model: root-complex; '\(root)' is a program, whose software sees data alone")
  }

  static var interruptOfPort: Message {
    Message(
      code: "suite.cannot-come", text: "name the node above the port, or the port's number such as 00:01.0")
  }

  static func barOfNumber(_ word: String, _ function: FunctionTarget) -> Message {
    Message(
      code: "suite.function",
      text: "'\(word)' is no BAR, and of \(function.text) nothing else is known; write bar0 to bar5")
  }

  static func requester(_ node: NodeDescription, _ roles: Set<NodeDescription.Role>, _ fitting: [String])
    -> Message
  {
    let wanted = [NodeDescription.Role.rootComplex, .endpoint].filter(roles.contains).map(\.phrase).joined(
      separator: " or ")
    let known = fitting.isEmpty ? "there is none here" : "here: \(listing(fitting))"
    return Message(
      code: "suite.requester",
      text: "'\(node.name)' is \(node.role.phrase); this request needs \(wanted); \(known)")
  }

  static func noConsole(_ node: String, _ model: Model) -> Message {
    Message(
      code: "suite.cannot-come",
      text: "'\(node)' is a built-in \(model.rawValue) and has no console; only nodes with a board have one")
  }

  static var statusAndSignal: Message {
    Message(
      code: "step.exit", text: "a process ends with a status or by a signal; name one of them")
  }

  static func neverExits(_ node: String, _ model: Model) -> Message {
    Message(
      code: "suite.cannot-come",
      text: "'\(node)' is a built-in \(model.rawValue) and has no process that could end")
  }

  static func interruptTarget(_ node: NodeDescription, _ root: String?) -> Message {
    let fix = root.map { "; write at: \($0)" } ?? ""
    return Message(
      code: "suite.cannot-come",
      text: "interrupts arrive at a root complex, and '\(node.name)' is \(node.role.phrase)\(fix)")
  }

  static func interruptSource(_ node: NodeDescription) -> Message {
    Message(
      code: "suite.cannot-come",
      text: "'\(node.name)' is \(node.role.phrase); only endpoints raise interrupts")
  }

  static func cannotCome(_ kind: String, _ vector: UInt64, _ counts: [(String, Int)]) -> Message {
    let known = counts.map { "'\($0.0)' has \($0.1) vectors" }
    return Message(
      code: "suite.cannot-come",
      text: "\(kind) \(vector) cannot come: \(known.isEmpty ? "there is no endpoint" : listing(known))")
  }

  static func noINTx(_ names: [String]) -> Message {
    Message(
      code: "suite.cannot-come",
      text: "an INTx interrupt cannot come: \(listing(names.map { "'\($0)'" })) has no interrupt pin")
  }

  static func noErrorBit(_ violation: Violation) -> Message {
    Message(
      code: "suite.expectation",
      text:
        "'\(violation.rawValue)' has no bit in the AER registers; a checker finds it, and 'allow' names it")
  }

  static func noViolation(_ word: String) -> Message {
    Message(code: "scalar.choice", text: "'\(word)' is no violation")
  }

  static func sourceOfNoMessage(_ word: String) -> Message {
    Message(
      code: "suite.expectation",
      text: "'source' is of a message that must have come: err-cor, err-nonfatal or err-fatal in 'has', not "
        + "'\(word)'")
  }

  static func noRootRegisters(_ word: String) -> Message {
    Message(
      code: "suite.expectation",
      text: "'\(word)' stands in the root error registers; only a root complex and its ports have these")
  }

  static func counterOwner(_ name: String, _ known: [String]) -> Message {
    Message(
      code: "suite.unknown-name",
      text: "no link or node named \(quoted(name)); links and nodes here: \(listing(known))")
  }

  static func counter(_ word: String, _ owner: String, _ known: [String]) -> Message {
    let nearest = NearestName.find(word, among: known)
    return Message(
      code: "suite.unknown-name",
      text: "\(owner) has no counter \(quoted(word)); counters are \(listing(known))\(hint(nearest))")
  }

  static func downWith(_ key: String) -> Message {
    Message(code: "suite.exclusive", text: "'\(key)' does not go with state: down; it goes with state: up")
  }

  static func beyondLink(_ key: String, _ value: String, _ limit: String, _ link: String) -> Message {
    Message(
      code: "suite.range", text: "\(key) \(value) is more than link '\(link)' has, which is \(limit)")
  }

  static func functionLevelReset(_ node: NodeDescription) -> Message {
    Message(
      code: "suite.function",
      text: "'\(node.name)' is \(node.role.phrase); a function-level reset needs an endpoint")
  }

  static func notAnAMU(_ node: String) -> Message {
    Message(code: "suite.function", text: "'\(node)' is no AMU; it needs model: revere-amu")
  }

  static func softwareContext(_ text: String, _ count: Int) -> Message {
    let last = count > 1 ? " to sw\(count - 1)" : ""
    return Message(
      code: "suite.unknown-name", text: "no software context \(quoted(text)); a function has sw0\(last)")
  }

  static func managementValue(
    _ text: String, _ field: String, _ command: String, _ statuses: [String]
  ) -> Message {
    guard field == "status", !statuses.isEmpty else {
      return Message(code: "scalar.form", text: "\(quoted(text)) is no number; \(field) of \(command) is one")
    }
    let nearest = NearestName.find(text, among: statuses)
    return Message(
      code: "suite.unknown-name",
      text: "\(command) has no status \(quoted(text)); it has \(listing(statuses))\(hint(nearest))",
      replacement: nearest)
  }

  static func managementField(_ name: String, _ command: String, _ known: [String]) -> Message {
    let nearest = NearestName.find(name, among: known)
    let list = known.isEmpty ? "it has none" : "it has \(listing(known))"
    return Message(
      code: "suite.unknown-key", text: "\(command) has no field \(quoted(name)); \(list)\(hint(nearest))",
      replacement: nearest)
  }
}
